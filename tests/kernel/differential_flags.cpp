#include "differential_flags.hpp"

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string_view>

namespace cordon::kernel {

const char* const differential_usage =
    R"(usage: kernel_differential [flag...]

Makes network namespaces, loads rule sets into the live kernel, sends packets through them, and compares what became of
each with what cordon's simulator says: the verdict, the way through every table and chain, what targets made of the
packet, and REJECT's own answers. Root only. Exit status: 0 no difference, 1 differences, 2 wrong flags, 77 cannot run.

What is sent
  --rule-sets N              random rule sets, 500 by default; back ends and families take turns
  --packets-per-rule-set N   400 by default
  --seconds N                stop after so long, whatever is left
  --seed N                   repeats a run; by default seed=N of RC_PARAMS, else a fresh one, printed
  --files                    the rule sets of tests/fixtures and ../shared/corpus too
  --only-files               these alone
  --backend legacy|nft       only this one
  --family 4|6               only this one
  --mode trace|blind         blind: only verdicts, by the errno of sendto(), which is faster
What is made of it
  --least-packets N          fewer packets compared: exit status 1
  --least-rule-sets N        fewer rule sets loaded: exit status 1
  --most-differences N       stop after so many rule sets that differ, 3 by default
  --keep DIR                 where the rules and packets of differences are written to
  --broken NAME              make a mistake on purpose, and stop at the first difference that it makes; --broken list
                             names all, --broken all makes one after the other: exit status 1 unless each is found
                             within a minute
Your own rules
  --v4 FILE, --v6 FILE       rules, as iptables-save prints them or people write them for iptables-restore
  --ipset FILE               the sets that they name, as for ipset restore
  --packets FILE             packets to send through them, one a line; each is printed with both words. Without it:
                             random packets around the rules' edges
A packet: family= uid= gid= proto= src= dst= sport= dport= flags=SYN,ACK icmp=8/0 out= mark= len= ttl= tos= id= df=
frag= more= fraghdr= bytes= payload=HEX raw=HEX ext=TYPE:HEX (packet_line.hpp says what they mean).
)";

namespace {

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc{} && result.ptr == text.data() + text.size();
}

std::uint64_t usual_seed() {
  const char* const parameters = std::getenv("RC_PARAMS");
  const std::string_view given = parameters == nullptr ? "" : parameters;
  std::uint64_t seed = 0;
  if (const auto at = given.find("seed="); at != std::string_view::npos) {
    const std::string_view digits = given.substr(at + 5);
    if (read_number(digits.substr(0, digits.find_first_not_of("0123456789")), seed)) return seed;
  }
  std::random_device source;
  return source();
}

void keep_if(std::vector<combination>& all, const auto& wanted) {
  std::erase_if(all, [&](const combination& one) { return !wanted(one); });
}

bool read_value(std::string_view word, const std::string& value, differential_flags& into) {
  if (word == "--rule-sets") return read_number(value, into.rule_sets);
  if (word == "--packets-per-rule-set") return read_number(value, into.packets_per_rule_set);
  if (word == "--seconds") return read_number(value, into.seconds.emplace());
  if (word == "--seed") return read_number(value, into.seed);
  if (word == "--least-rule-sets") return read_number(value, into.least_rule_sets);
  if (word == "--least-packets") return read_number(value, into.least_packets);
  if (word == "--most-differences") return read_number(value, into.most_differences);
  if (word == "--mode") {
    into.blind = value == "blind";
    return into.blind || value == "trace";
  }
  if (word == "--backend") {
    into.which = value == "nft" ? back_end::nft : back_end::legacy;
    keep_if(into.combinations, [&](const combination& one) { return one.which == *into.which; });
    return value == "nft" || value == "legacy";
  }
  if (word == "--family") {
    keep_if(into.combinations, [&](const combination& one) { return (one.family == ip_family::v6) == (value == "6"); });
    return value == "4" || value == "6";
  }
  if (word == "--broken") {
    into.all_broken = value == "all";
    if (into.all_broken) return true;
    into.broken = find_broken_meaning(value);
    into.most_differences = 1;
    return into.broken != nullptr;
  }
  if (word == "--v4" || word == "--v6" || word == "--packets" || word == "--ipset" || word == "--keep") {
    (word == "--v4"        ? into.v4
     : word == "--v6"      ? into.v6
     : word == "--packets" ? into.packets
     : word == "--ipset"   ? into.sets
                           : into.keep) = value;
    return !value.empty();
  }
  return false;
}

}  // namespace

std::optional<differential_flags> read_flags(const std::vector<std::string>& words, std::string& wrong) {
  differential_flags made;
  made.seed = usual_seed();
  made.keep = (std::filesystem::temp_directory_path() / "cordon_differential").string();
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    if (word == "--help" || word == "-h") {
      made.help = true;
      continue;
    }
    if (word == "--files" || word == "--only-files") {
      made.files = true;
      made.random = word == "--files";
      continue;
    }
    if (at + 1 == words.size()) {
      wrong = word + " is no flag, or lacks its value";
      return std::nullopt;
    }
    if (!read_value(word, words[++at], made)) {
      wrong = word + " " + words[at] + ": no such flag, or no such value";
      return std::nullopt;
    }
  }
  if (made.combinations.empty()) wrong = "no back end and family is left";
  if (!wrong.empty()) return std::nullopt;
  return made;
}

}  // namespace cordon::kernel
