// -m hashlimit: a token bucket for each address, port, or both (net/netfilter/xt_hashlimit.c, hashlimit_mt). An atom.
//
// A rate is packets a time, or bytes a second ("512kb/s"); with --hashlimit-rate-match it is a number in an interval.
// What is kept of it, and so what is printed, may differ a little from what was written.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/addresses.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/match/rates.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace hashlimit_option {
enum : std::uint8_t {
  upto,
  above,
  burst,
  mode,
  name,
  table_size,
  table_max,
  table_interval,
  table_expire,
  source_mask,
  destination_mask,
  rate_match,
  rate_interval,
};

inline constexpr std::uint64_t scale = 1000000;  // XT_HASHLIMIT_SCALE_v2
inline constexpr std::uint64_t usual_burst = 5;
inline constexpr std::uint64_t usual_table_interval = 1000;

// What a rate counts. numbers[0] is {kind, the seconds of the written unit}; numbers[1] the value: of packets the
// interval between two in 1/scale seconds, of bytes their cost, of a matched rate the number of packets.
enum class counting : std::uint8_t { packets, bytes, packets_in_interval, bytes_in_interval };

// Bytes are counted in sixteens, and kept as what one costs (bytes_to_cost and cost_to_bytes in libxt_hashlimit.c).
constexpr std::uint64_t cost_of(std::uint64_t bytes) { return 0xffffffffU / ((bytes >> 4 & 0xffffffffU) + 1); }
constexpr std::uint64_t bytes_of(std::uint64_t cost) {
  return ((cost != 0 ? 0xffffffffU / cost : 0xffffffffU) - 1) << 4;
}

struct size_unit {
  std::string_view name;
  std::uint64_t bytes;
};
inline constexpr size_unit size_units[] = {{"m", 1024 * 1024}, {"k", 1024}, {"", 1}};

/// The number at the beginning of `written`, which becomes what is behind it.
constexpr maybe<std::uint64_t> take_number(std::string_view& written) {
  std::size_t size = 0;
  while (size < written.size() && is_digit(written[size])) ++size;
  const auto number = read_number(written.substr(0, size), ~std::uint64_t{0});
  written.remove_prefix(size);
  return number;
}

constexpr text read_rate(const std::string_view* words, const value_context&, option& into) {
  std::string_view behind = words[0];
  const auto count = take_number(behind);
  const auto slash = behind.find('/');
  const std::string_view size = behind.substr(0, slash);
  const std::string_view per = slash == std::string_view::npos ? std::string_view{} : behind.substr(slash + 1);
  const rates::unit* unit = slash == std::string_view::npos ? &rates::units[3] : rates::read_unit(per);
  if (!count || *count == 0 || unit == nullptr)
    return join("'", words[0], "' is no rate: write packets/second (minute, hour, day), or bytes as in 512kb/s");
  // A size counts as one only to the second.
  if (size.ends_with('b') && unit->seconds == 1 && slash != std::string_view::npos) {
    std::uint64_t factor = 1;
    for (const size_unit& one : size_units)
      if (size.starts_with(one.name) && !one.name.empty()) factor = one.bytes;
    into.numbers = {{static_cast<unsigned>(counting::bytes), 1}, {cost_of(*count * factor), *count}};
    return {};
  }
  if (*count / unit->seconds > scale) return join("the rate '", words[0], "' is too fast: 1000000/second is the most");
  into.numbers = {{static_cast<unsigned>(counting::packets), unit->seconds}, {scale * unit->seconds / *count, *count}};
  return {};
}

constexpr const size_unit& unit_of_bytes(std::uint64_t cost) {
  const std::uint64_t bytes = bytes_of(cost);
  for (const size_unit& one : size_units)
    // iptables has its mask in 32 bits.
    if (bytes >= one.bytes && cost_of(bytes & (~(one.bytes - 1) & 0xffffffffU)) == cost) return one;
  return size_units[2];
}

constexpr void write_rate(const option& from, family, text& out) {
  const auto value = static_cast<std::uint64_t>(from.numbers[1].low);
  switch (static_cast<counting>(static_cast<unsigned>(from.numbers[0].low))) {
    case counting::packets: rates::write_interval<scale>(value, out); break;
    case counting::packets_in_interval: out.append_number(value).append("/sec"); break;
    default: {
      const size_unit& unit = unit_of_bytes(value);
      out.append_number(bytes_of(value) / unit.bytes).append(unit.name).append("b/s");
      break;
    }
  }
}

constexpr void draw_rate(const choice_source& choices, family in, option& into) {
  const std::uint64_t count = 1 + choices.below(100);
  const std::uint64_t seconds = rates::units[choices.below(4)].seconds;
  if (choices.one_in(3))
    into.numbers = {{static_cast<unsigned>(counting::bytes), 1}, {cost_of(count * 1024), count}};
  else
    into.numbers = {{static_cast<unsigned>(counting::packets), seconds}, {scale * seconds / count, count}};
  // Some rates are printed as others: what is printed is drawn.
  text printed;
  write_rate(into, in, printed);
  const std::string_view word = printed;
  read_rate(&word, value_context{}, into);
}

inline constexpr value_form rate_form{"rate", 1, read_rate, write_rate, draw_rate};

// A number of packets; or of bytes with b, kb or mb behind it. numbers[0] is the number; `normalise` makes it, for a
// rate of bytes, as many of its portions as hold it, and sets numbers[0].high to the bytes that those are.
inline constexpr value_form burst_form{
    "number", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      std::string_view behind = words[0];
      const auto count = take_number(behind);
      std::uint64_t factor = 1;
      for (const size_unit& one : size_units)
        if (!one.name.empty() && behind.starts_with(one.name)) factor = one.bytes;
      if (!count || *count == 0 || *count > 0xffffffffffffU)
        return join("'", words[0], "' is no burst: write a number of at least 1, or bytes as in 1mb");
      into.numbers = {{*count * factor & 0xffffffffU, 0}};
      return text();
    },
    [](const option& from, family, text& out) {
      const auto bytes = static_cast<std::uint64_t>(from.numbers[0].high);
      if (bytes == 0) {
        out.append_number(from.numbers[0].low);
        return;
      }
      const size_unit* unit = &size_units[2];
      for (std::size_t i = 3; i-- > 0;)
        if (bytes >= size_units[i].bytes) unit = &size_units[i];
      out.append_number(bytes / unit->bytes).append(unit->name).append('b');
    },
    [](const choice_source& choices, family, option& into) { into.numbers = {{1 + choices.below(20), 0}}; }};

// In the order in which they are printed.
inline constexpr std::array<std::string_view, 4> modes = {"srcip", "srcport", "dstip", "dstport"};

inline constexpr value_form modes_form{"srcip|srcport|dstip|dstport[,...]", 1,
                                       [](const std::string_view* words, const value_context&, option& into) {
                                         unsigned bits = 0;
                                         forms::list_reader items{words[0]};
                                         while (!items.last) {
                                           const auto item = items.next();
                                           if (item.empty()) continue;
                                           unsigned found = 0;
                                           for (unsigned i = 0; i < modes.size(); ++i)
                                             if (modes[i] == item) found = 1U << i;
                                           if (found == 0)
                                             return join("'", item,
                                                         "' is no mode: write srcip, srcport, dstip or dstport");
                                           bits |= found;
                                         }
                                         into.numbers = {{bits, bits}};
                                         return text();
                                       },
                                       [](const option& from, family, text& out) {
                                         bool first = true;
                                         for (unsigned i = 0; i < modes.size(); ++i) {
                                           if ((from.numbers[0].low >> i & 1) == 0) continue;
                                           if (!first) out.append(',');
                                           out.append(modes[i]);
                                           first = false;
                                         }
                                       },
                                       [](const choice_source& choices, family, option& into) {
                                         const uint128 bits = 1 + choices.below(15);
                                         into.numbers = {{bits, bits}};
                                       }};

// Printed without quotes.
inline constexpr value_form name_form{
    "name", 1, forms::quoted<1, 255>.read, [](const option& from, family, text& out) { out.append(from.words); },
    [](const choice_source& choices, family, option& into) { into.words = choices.one_in(2) ? "ssh" : "web"; }};

inline constexpr value_form mask_form{
    "prefix", 1,
    [](const std::string_view* words, const value_context& context, option& into) {
      auto length = read_c_number(words[0], address_width(context.family));
      if (!length)
        if (const auto dotted = read_host_address(words[0], context.family))
          if (const auto bits = prefix_length(context.family, *dotted)) length = *bits;
      if (!length)
        return join("'", words[0], "' is no prefix length: write 0 to ", decimal(address_width(context.family)));
      into.numbers = {{*length, *length}};
      return text();
    },
    [](const option& from, family, text& out) { out.append_number(from.numbers[0].low); },
    [](const choice_source& choices, family in, option& into) {
      const uint128 length = choices.below(address_width(in));
      into.numbers = {{length, length}};
    }};

inline constexpr option_description table[] = {
    {.name = "--hashlimit-upto", .alias = "--hashlimit", .form = &rate_form, .meaning = "at most this rate"},
    {.name = "--hashlimit-above", .form = &rate_form, .meaning = "more than this rate"},
    {.name = "--hashlimit-burst", .form = &burst_form, .invertible = false, .meaning = "so many at once"},
    {.name = "--hashlimit-mode", .form = &modes_form, .invertible = false, .meaning = "each of these for itself"},
    {.name = "--hashlimit-name", .form = &name_form, .invertible = false, .least_count = 1, .meaning = "the table"},
    {.name = "--hashlimit-htable-size",
     .form = &forms::number<0, 0xffffffff>,
     .invertible = false,
     .meaning = "its buckets"},
    {.name = "--hashlimit-htable-max",
     .form = &forms::number<0, 0xffffffff>,
     .invertible = false,
     .meaning = "its most entries"},
    {.name = "--hashlimit-htable-gcinterval",
     .form = &forms::number<1, 0xffffffff>,
     .invertible = false,
     .meaning = "milliseconds between its cleanings"},
    {.name = "--hashlimit-htable-expire",
     .form = &forms::number<1, 0xffffffff>,
     .invertible = false,
     .meaning = "milliseconds that an idle entry lives"},
    {.name = "--hashlimit-srcmask", .form = &mask_form, .invertible = false, .meaning = "sources are one under it"},
    {.name = "--hashlimit-dstmask",
     .form = &mask_form,
     .invertible = false,
     .meaning = "destinations are one under it"},
    {.name = "--hashlimit-rate-match", .form = &forms::nothing, .invertible = false, .meaning = "measures, limits not"},
    {.name = "--hashlimit-rate-interval",
     .form = &forms::number<1, 0xffffffff>,
     .invertible = false,
     .meaning = "seconds in which the rate is measured"},
};
}  // namespace hashlimit_option

namespace detail {
constexpr const option* hashlimit_rate(const sequence<option>& options) {
  for (const option& one : options)
    if (one.index <= hashlimit_option::above) return &one;
  return nullptr;
}

constexpr bool hashlimit_counts_bytes(const option& rate) {
  return rate.numbers[0].low == static_cast<unsigned>(hashlimit_option::counting::bytes) ||
         rate.numbers[0].low == static_cast<unsigned>(hashlimit_option::counting::bytes_in_interval);
}

// The milliseconds that an entry lives if nothing is said: of the unit in which the rate is written (or printed).
constexpr std::uint64_t hashlimit_usual_expire(const sequence<option>& options, bool printed) {
  const option& rate = *hashlimit_rate(options);
  if (hashlimit_counts_bytes(rate)) return find_option(options, hashlimit_option::burst) != nullptr ? 60000 : 15000;
  if (!printed) return static_cast<std::uint64_t>(rate.numbers[0].high) * 1000;
  if (rate.numbers[0].low != static_cast<unsigned>(hashlimit_option::counting::packets)) return 1000;
  const auto interval = static_cast<std::uint64_t>(rate.numbers[1].low);
  return interval == 0 ? 1000 : rates::unit_of<hashlimit_option::scale>(interval).seconds * 1000;
}

// In the kernel's credits, for its usual HZ of 250: 64 bits, which may overflow (user2credits in xt_hashlimit.c).
constexpr std::uint64_t hashlimit_credits(std::uint64_t user) {
  constexpr std::uint64_t per_second = 250 * (std::uint64_t{1} << 39);  // HZ * CREDITS_PER_JIFFY
  return user * (per_second / hashlimit_option::scale);
}

constexpr text hashlimit_check(const sequence<option>& options, const meaning_context&) {
  using namespace hashlimit_option;
  if (count_of(options, {upto, above}) != 1)
    return "-m hashlimit needs exactly one of --hashlimit-upto and --hashlimit-above";
  const option& rate = *hashlimit_rate(options);
  const option* const most = find_option(options, burst);
  const std::string_view table_name = find_option(options, name)->words;
  if (table_name.find('/') != std::string_view::npos || table_name == "." || table_name == "..")
    return join("'", table_name, "' is no name of a table: the kernel makes a file of it");
  if (hashlimit_counts_bytes(rate)) {
    const std::uint64_t portion = bytes_of(static_cast<std::uint64_t>(rate.numbers[1].low));
    if (most != nullptr && most->numbers[0].low < portion)
      return join("--hashlimit-burst must not be smaller than ", decimal(portion), "b");
    return {};
  }
  if (most != nullptr && (most->numbers[0].low < 1 || most->numbers[0].low > 1000000))
    return "--hashlimit-burst must be 1 to 1000000";
  if (find_option(options, rate_match) != nullptr) return {};
  const auto interval = static_cast<std::uint64_t>(rate.numbers[1].low);
  const std::uint64_t count = most != nullptr ? static_cast<std::uint64_t>(most->numbers[0].low) : usual_burst;
  if (hashlimit_credits(interval * count) < hashlimit_credits(interval))
    return "the kernel cannot count this rate with this burst: take a smaller --hashlimit-burst or a faster rate";
  return {};
}

constexpr void hashlimit_normalise(sequence<option>& options, const meaning_context& context) {
  using namespace hashlimit_option;
  const option written = *hashlimit_rate(options);
  const bool bytes = hashlimit_counts_bytes(written);
  const bool measured = find_option(options, rate_match) != nullptr;
  // What is said of an entry's life is kept against the unit that was written, and shown against the one that is
  // printed.
  if (find_option(options, table_expire) == nullptr) {
    const uint128 usual = hashlimit_usual_expire(options, /*printed=*/false);
    options.push_back({table_expire, false, {{usual, usual}}, {}});
  }
  for (option& one : options) {
    if (one.index <= above) {
      if (one.inverted) one.index = one.index == upto ? above : upto;
      one.inverted = false;
      if (measured && !bytes) one.numbers[1] = {written.numbers[1].high, written.numbers[1].high};
      if (measured)
        one.numbers[0].low = static_cast<unsigned>(bytes ? counting::bytes_in_interval : counting::packets_in_interval);
    }
    if (one.index == burst && bytes && one.numbers[0].high == 0) {
      const std::uint64_t portion = bytes_of(static_cast<std::uint64_t>(written.numbers[1].low));
      const auto given = static_cast<std::uint64_t>(one.numbers[0].low);
      const std::uint64_t portions = portion == 0 ? 0 : (given + portion - 1) / portion;
      one.numbers[0] = {given, portions * portion};
    }
  }
  if (!bytes && find_option(options, burst) == nullptr) options.push_back({burst, false, {{usual_burst, 0}}, {}});
  if (measured && find_option(options, rate_interval) == nullptr && written.numbers[0].high != 1)
    options.push_back({rate_interval, false, {{written.numbers[0].high, written.numbers[0].high}}, {}});
  const unsigned width = address_width(context.family);
  erase_if(options, [&](const option& one) {
    switch (one.index) {
      case mode:
      case table_size:
      case table_max: return one.numbers[0].low == 0;
      case table_interval: return one.numbers[0].low == usual_table_interval;
      case source_mask:
      case destination_mask: return one.numbers[0].low == width;
      case rate_interval: return !measured || one.numbers[0].low == 1;
      default: return false;
    }
  });
  const std::uint64_t shown = hashlimit_usual_expire(options, /*printed=*/true);
  erase_if(options, [&](const option& one) { return one.index == table_expire && one.numbers[0].low == shown; });
  for (option& one : options) {
    if (one.index > above) continue;
    // The number and the unit that were written say no more.
    one.numbers[0].high = 1;
    one.numbers[1].high = one.numbers[1].low;
  }
}

constexpr match_meaning hashlimit_meaning(const sequence<option>& options, const meaning_context& context) {
  match_meaning made = opaque("hashlimit", hashlimit_option::table, options, context, /*stateful=*/true);
  // Who counts by ports must find them (hashlimit_init_dst): a packet that is cut off before is dropped. Rules share
  // tables by name, and the first of them, in whatever table and chain it stands, says by what the table counts
  // (htable_find_get).
  predicate lacks_words = never();
  for (const protocol one :
       {protocol::tcp, protocol::udp, protocol::dccp, protocol::esp, protocol::sctp, protocol::udplite})
    lacks_words |= is(field::protocol, number_of(one));
  lacks_words &= is_cut_before(4);
  predicate lacks_spi = is(field::protocol, number_of(protocol::ah));
  if (context.family == family::ipv4) lacks_spi &= is_cut_before(8);
  made.drops = lacks_words || lacks_spi;
  if (context.family == family::ipv6) made.drops |= is(field::protocol, 59);
  made.drops &=
      unknown(join("hashlimit table ", find_option(options, hashlimit_option::name)->words, " counts by ports"),
              /*stateful=*/false);
  return made;
}
}  // namespace detail

/// `-m hashlimit`: its options, and what a use of it means.
inline constexpr match_extension hashlimit_match{.name = "hashlimit",
                                                 .options = hashlimit_option::table,
                                                 .check = detail::hashlimit_check,
                                                 .normalise = detail::hashlimit_normalise,
                                                 .meaning = detail::hashlimit_meaning};

}  // namespace cordon
