// The rules that a host has now: what the save programs of both back ends print, and all else that a proof
// may need.
//
// Commands are run by a callable that is handed in, `command_output run(std::string_view command)`:
// `run_command` on a host (live/run_command.hpp), anything in a test. Nothing is taken for empty because it
// could not be read.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/live/command_output.hpp>
#include <cordon/live/native_chains.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/rule/backend.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/text/address_text.hpp>
#include <cordon/text/diagnostic.hpp>
#include <cordon/text/ipset_text.hpp>
#include <cordon/text/reader.hpp>

namespace cordon {

/// The command that prints the routes by which addresses are the host's that no interface has.
inline constexpr std::string_view local_routes_command =
    "ip -4 route show table all type local && ip -6 route show table all type local";

/// What is not asked of the host, because it is known.
struct live_options {
  bool no_v4 = false;                   ///< the host has no IPv4
  bool no_v6 = false;                   ///< the host has no IPv6
  bool without_ipsec = false;           ///< the host has no IPsec policy
  bool read_sets = true;                ///< ask what sets hold
  bool read_addresses = true;           ///< ask for the host's own addresses
  const name_sources* names = nullptr;  ///< where user, group and service names are looked up; null: nowhere
};

/// What a host has now.
struct live_host {
  firewall rules = {};                        ///< what was read, of both families
  sequence<native_chain> native_chains = {};  ///< whose rules were not read, or not all that they do
  bool nft_was_read = true;                   ///< false: nft is not installed, and there may be more such chains
};

namespace detail {

template <class Run>
class live_reader {
 public:
  constexpr live_reader(const Run& run, const live_options& options) : run_(&run), options_(options) {}

  constexpr read_result<live_host> read() {
    for (const family of : both_families) {
      if (of == family::ipv4 ? options_.no_v4 : options_.no_v6)
        made_.rules.of(of) = family_rules::none();
      else if (!read_family(of))
        return read_result<live_host>::failure(std::move(errors_));
    }
    if (!read_nft() || !read_host()) return read_result<live_host>::failure(std::move(errors_));
    return {std::move(made_), std::move(said_)};
  }

 private:
  constexpr bool fail(text why) {
    errors_.push_back({{}, {}, severity::error, std::move(why)});
    return false;
  }
  constexpr void warn(text what) { said_.push_back({{}, {}, severity::warning, std::move(what)}); }

  static constexpr text failure_of(std::string_view command, const command_output& ended, std::string_view question) {
    return join(command, " failed with exit status ", decimal(static_cast<unsigned>(ended.status)), ": ", question);
  }

  // What both back ends hold; one without any table is left out if the other has some, or if it is not
  // installed and the kernel holds nothing of it.
  constexpr bool read_family(family of) {
    const std::string_view base = of == family::ipv4 ? "iptables" : "ip6tables";
    sequence<ruleset>& into = made_.rules.of(of).rulesets;
    for (const backend which : {backend::legacy, backend::nft}) {
      const text program = join(base, "-", name_of(which), "-save");
      const command_output saved = (*run_)(program.view());
      if (saved.is_missing()) {
        if (which == backend::legacy && !has_no_legacy_tables(of, program)) return false;
        if (which == backend::nft) (of == family::ipv4 ? read_.v4 : read_.v6) = false;
        continue;
      }
      if (!saved.worked())
        return fail(failure_of(program, saved, "are you root, and do its tables hold rules of iptables alone?"));
      auto rules =
          read_ruleset(saved.printed, {.family = of, .backend = which, .file = program, .names = options_.names});
      if (!rules) {
        errors_ = rules.diagnostics();
        return false;
      }
      said_.append(rules.diagnostics());
      made_.native_chains.append(tables_left_out(saved.printed, of));
      into.push_back(std::move(*rules));
    }
    if (into.empty()) return fail(join("neither ", base, "-legacy-save nor ", base, "-nft-save is installed"));
    if (into.size() == 2 && (into[0].empty() || into[1].empty())) into.erase(into.begin() + (into[0].empty() ? 0 : 1));
    for (const ruleset& one : into)
      if (one.empty())
        said_.push_back({one.file,
                         {},
                         severity::note,
                         join("holds no rules, and so everything of ", title_of(of), " is accepted")});
    return true;
  }

  constexpr bool has_no_legacy_tables(family of, std::string_view program) {
    const std::string_view file = of == family::ipv4 ? "/proc/net/ip_tables_names" : "/proc/net/ip6_tables_names";
    const command_output names = (*run_)(join("[ ! -e ", file, " ] || cat ", file).view());
    if (!names.worked()) return fail(join(file, " cannot be read: are you root?"));
    if (!names.printed.empty()) return fail(join("the kernel holds legacy tables, and ", program, " is not installed"));
    return true;
  }

  constexpr bool read_nft() {
    const command_output listing = (*run_)(nft_listing_command);
    made_.nft_was_read = !listing.is_missing();
    if (listing.is_missing()) {
      warn("nft is not installed: whether there are rules of nft's own was not looked at");
      return true;
    }
    if (!listing.worked()) return fail(failure_of(nft_listing_command, listing, "are you root?"));
    for (native_chain& one : native_chains_in(listing.printed, read_))
      if (!detail::has(made_.native_chains, one)) made_.native_chains.push_back(std::move(one));
    return true;
  }

  // What it cannot tell stays unknown.
  constexpr bool read_host() {
    host_facts& host = made_.rules.host;
    host.without_ipsec = options_.without_ipsec;
    return (!options_.read_sets || read_fact("ipset save", "what sets hold stays unknown", host.sets,
                                             [](std::string_view printed, std::string_view command) {
                                               return cordon::read_sets(printed, command);
                                             })) &&
           (!options_.read_addresses || read_addresses(host.addresses));
  }

  // Those of interfaces, and those that routes lead to the host.
  constexpr bool read_addresses(maybe<sequence<host_address>>& into) {
    sequence<host_address> all;
    for (const std::string_view command : {std::string_view("ip -o addr"), local_routes_command}) {
      maybe<sequence<host_address>> some;
      const auto read = [](std::string_view printed, std::string_view of) {
        return cordon::read_addresses(printed, of);
      };
      if (!read_fact(command, "which addresses are the host's stays unknown", some, read)) return false;
      if (!some) return true;
      all.append(std::move(*some));
    }
    into = std::move(all);
    return true;
  }

  template <class Fact, class Read>
  constexpr bool read_fact(std::string_view command, std::string_view otherwise, Fact& into, const Read& read) {
    const command_output printed = (*run_)(command);
    if (!printed.worked()) {
      warn(join(command, printed.is_missing() ? " is not installed: " : " failed: ", otherwise));
      return true;
    }
    auto fact = read(printed.printed, command);
    if (!fact) {
      errors_ = fact.diagnostics();
      return false;
    }
    said_.append(fact.diagnostics());
    into = std::move(*fact);
    return true;
  }

  const Run* run_;
  live_options options_;
  families_read read_;
  live_host made_;
  sequence<diagnostic> said_;    // beside what was read
  sequence<diagnostic> errors_;  // why nothing was
};

}  // namespace detail

/// Reads the rules of a host, by the save programs of both families and back ends; the chains of nft that
/// they do not tell
/// (`nft_listing_command`); its sets and addresses (`ipset save`, `ip -o addr`, `local_routes_command`; without these they stay
/// unknown, with a warning). A failure if anything else cannot be read: without root, without the programs of
/// a back end whose tables the kernel holds, or if text is not understood.
template <class Run>
constexpr read_result<live_host> read_live(const Run& run, const live_options& options = {}) {
  return detail::live_reader<Run>(run, options).read();
}

}  // namespace cordon
