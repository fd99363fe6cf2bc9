// -m time: the time of day, the day, the date (net/netfilter/xt_time.c, time_mt). An atom with a value of its
// own at each rule: the clock goes on between them.
#pragma once

#include <cstdint>
#include <string_view>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/match/forms.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon {

namespace time_option {
enum : std::uint8_t { start, stop, month_days, week_days, date_start, date_stop, kernel_tz, contiguous, utc, local_tz };

inline constexpr std::uint64_t last_second_of_day = 86399;
inline constexpr std::uint64_t last_date = 0x7fffffff;       // 2038-01-19T03:14:07
inline constexpr std::uint64_t all_month_days = 0xfffffffe;  // bits 1 to 31
inline constexpr std::uint64_t all_week_days = 0xfe;         // bits 1 (Monday) to 7
inline constexpr std::string_view week_day_names[] = {"", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

constexpr void append_two(text& out, std::uint64_t number) {
  if (number < 10) out.append('0');
  out.append_number(number);
}

// --- time of day: hh:mm[:ss]
// ------------------------------------------------------------------------------------------

constexpr maybe<std::uint64_t> read_time(std::string_view written) {
  constexpr std::uint64_t most[] = {23, 59, 59};
  std::uint64_t seconds = 0;
  unsigned parts = 0;
  forms::list_reader items{written, ':'};
  for (; parts < 3 && !items.last; ++parts) {
    const auto value = read_number(items.next(), most[parts]);
    if (!value) return no_value;
    seconds = seconds * 60 + *value;
  }
  if (!items.last || parts < 2) return no_value;
  return parts == 2 ? seconds * 60 : seconds;
}

inline constexpr value_form time_form{"hh:mm[:ss]", 1,
                                      [](const std::string_view* words, const value_context&, option& into) {
                                        const auto seconds = read_time(words[0]);
                                        if (!seconds)
                                          return join("'", words[0], "' is no time: write hh:mm or hh:mm:ss");
                                        into.numbers = {{*seconds, *seconds}};
                                        return text();
                                      },
                                      [](const option& from, family, text& out) {
                                        const auto seconds = static_cast<std::uint64_t>(from.numbers[0].low);
                                        append_two(out, seconds / 3600);
                                        append_two(out.append(':'), seconds / 60 % 60);
                                        append_two(out.append(':'), seconds % 60);
                                      },
                                      [](const choice_source& choices, family, option& into) {
                                        const uint128 seconds = forms::detail::draw_number(choices, last_second_of_day);
                                        into.numbers = {{seconds, seconds}};
                                      }};

// --- dates: YYYY[-MM[-DD[Thh[:mm[:ss]]]]]
// -----------------------------------------------------------------------------

/// Days from 1970-01-01 to a date of the Gregorian calendar; a day beyond the month's end is one of the next month.
constexpr std::int64_t days_to(std::int64_t year, std::int64_t month, std::int64_t day) {
  // Years that begin in March have their leap day last.
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t m = month <= 2 ? month + 9 : month - 3;
  return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

constexpr maybe<std::uint64_t> read_date(std::string_view written) {
  constexpr std::string_view separators = "--T::";
  constexpr std::int64_t least[] = {1970, 1, 1, 0, 0, 0};
  constexpr std::int64_t most[] = {2038, 12, 31, 23, 59, 59};
  std::int64_t part[] = {1970, 1, 1, 0, 0, 0};
  for (unsigned i = 0; i < 6; ++i) {
    const auto end = i < 5 ? written.find(separators[i]) : std::string_view::npos;
    const auto value = read_number(written.substr(0, end), 9999);
    if (!value) return no_value;
    part[i] = static_cast<std::int64_t>(*value);
    if (part[i] < least[i] || part[i] > most[i]) return no_value;
    if (end == std::string_view::npos) break;
    written.remove_prefix(end + 1);
  }
  const std::int64_t seconds = ((days_to(part[0], part[1], part[2]) * 24 + part[3]) * 60 + part[4]) * 60 + part[5];
  return seconds < 0 ? 0 : static_cast<std::uint64_t>(seconds);
}

constexpr void write_date(std::uint64_t seconds, text& out) {
  const auto days = static_cast<std::int64_t>(seconds / 86400);
  std::int64_t year = 1970 + days / 366;
  while (days_to(year + 1, 1, 1) <= days) ++year;
  std::int64_t month = 1;
  while (month < 12 && days_to(year, month + 1, 1) <= days) ++month;
  out.append_number(static_cast<std::uint64_t>(year));
  append_two(out.append('-'), static_cast<std::uint64_t>(month));
  append_two(out.append('-'), static_cast<std::uint64_t>(days - days_to(year, month, 1) + 1));
  append_two(out.append('T'), seconds / 3600 % 24);
  append_two(out.append(':'), seconds / 60 % 60);
  append_two(out.append(':'), seconds % 60);
}

inline constexpr value_form date_form{
    "YYYY[-MM[-DD[Thh[:mm[:ss]]]]]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      const auto seconds = read_date(words[0]);
      if (!seconds) return join("'", words[0], "' is no date of 1970 to 2038: write YYYY[-MM[-DD[Thh[:mm[:ss]]]]]");
      into.numbers = {{*seconds, *seconds}};
      return text();
    },
    [](const option& from, family, text& out) { write_date(static_cast<std::uint64_t>(from.numbers[0].low), out); },
    [](const choice_source& choices, family, option& into) {
      const uint128 seconds = forms::detail::draw_number(choices, last_date);
      into.numbers = {{seconds, seconds}};
    }};

// --- days: bits
// -------------------------------------------------------------------------------------------------------

inline constexpr value_form month_days_form{
    "day[,day...]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      std::uint64_t days = 0;
      forms::list_reader items{words[0]};
      while (!items.last) {
        const auto item = items.next();
        const auto day = read_number(item, 31);
        if (!day) return join("'", item, "' is no day of a month: write 1 to 31, joined by commas");
        days |= std::uint64_t{1} << *day;
      }
      into.numbers = {{days & all_month_days, days & all_month_days}};
      return text();
    },
    [](const option& from, family, text& out) {
      bool first = true;
      for (unsigned day = 1; day <= 31; ++day) {
        if ((from.numbers[0].low >> day & 1) == 0) continue;
        if (!first) out.append(',');
        out.append_number(day);
        first = false;
      }
    },
    [](const choice_source& choices, family, option& into) {
      const uint128 days = (1 + choices.below(0x7ffffffe)) << 1;
      into.numbers = {{days, days}};
    }};

inline constexpr value_form week_days_form{
    "day[,day...]", 1,
    [](const std::string_view* words, const value_context&, option& into) {
      std::uint64_t days = 0;
      forms::list_reader items{words[0]};
      while (!items.last) {
        const auto item = items.next();
        if (const auto number = read_number(item, 0xffff); number && *number != 0) {
          if (*number <= 7) days |= std::uint64_t{1} << *number;
          continue;
        }
        unsigned found = 0;
        for (unsigned day = 1; day <= 7; ++day)
          if (item.size() >= 2 && week_day_names[day].substr(0, 2) == item.substr(0, 2)) found = day;
        if (found == 0)
          return join("'", item, "' is no day of the week: write Mon to Sun, or 1 to 7, joined by commas");
        days |= std::uint64_t{1} << found;
      }
      into.numbers = {{days, days}};
      return text();
    },
    [](const option& from, family, text& out) {
      bool first = true;
      for (unsigned day = 1; day <= 7; ++day) {
        if ((from.numbers[0].low >> day & 1) == 0) continue;
        if (!first) out.append(',');
        out.append(week_day_names[day]);
        first = false;
      }
    },
    [](const choice_source& choices, family, option& into) {
      const uint128 days = (1 + choices.below(126)) << 1;
      into.numbers = {{days, days}};
    }};

inline constexpr option_description table[] = {
    {.name = "--timestart", .form = &time_form, .invertible = false, .meaning = "from this time of day"},
    {.name = "--timestop", .form = &time_form, .invertible = false, .meaning = "to this time of day"},
    {.name = "--monthdays", .form = &month_days_form, .meaning = "on these days of the month"},
    {.name = "--weekdays", .form = &week_days_form, .meaning = "on these days of the week"},
    {.name = "--datestart", .form = &date_form, .invertible = false, .meaning = "from this date"},
    {.name = "--datestop", .form = &date_form, .invertible = false, .meaning = "to this date"},
    {.name = "--kerneltz", .form = &forms::nothing, .invertible = false, .meaning = "in the kernel's time zone"},
    {.name = "--contiguous", .form = &forms::nothing, .invertible = false, .meaning = "over midnight is one period"},
    {.name = "--utc", .form = &forms::nothing, .invertible = false, .only_read = true, .meaning = "in UTC, as usual"},
    {.name = "--localtz", .form = &forms::nothing, .invertible = false, .only_read = true, .meaning = "as --kerneltz"},
};
}  // namespace time_option

namespace detail {
constexpr text time_check(const sequence<option>& options, const meaning_context&) {
  using namespace time_option;
  if (count_of(options, {kernel_tz, utc, local_tz}) > 1) return "only one time zone can stand here";
  const option* const from = find_option(options, start);
  const option* const to = find_option(options, stop);
  const uint128 begin = from == nullptr ? 0 : from->numbers[0].low;
  const uint128 end = to == nullptr ? last_second_of_day : to->numbers[0].low;
  if (find_option(options, contiguous) != nullptr && begin <= end)
    return "--contiguous makes sense only where --timestop is earlier in the day than --timestart";
  return {};
}

// A negated list is kept as the days that are left, a full list is left out, and a date to stop at is always there.
constexpr void time_normalise(sequence<option>& options, const meaning_context&) {
  using namespace time_option;
  erase_if(options, [](const option& one) { return one.index == utc; });
  for (option& one : options) {
    if (one.index == local_tz) one.index = kernel_tz;
    if (one.index != month_days && one.index != week_days) continue;
    const uint128 all = one.index == month_days ? all_month_days : all_week_days;
    if (one.inverted) one.numbers[0] = {all & ~one.numbers[0].low, all & ~one.numbers[0].low};
    one.inverted = false;
  }
  erase_if(options, [](const option& one) {
    return (one.index == month_days && one.numbers[0].low == all_month_days) ||
           (one.index == week_days && one.numbers[0].low == all_week_days) ||
           (one.index == date_start && one.numbers[0].low == 0);
  });
  const option* const from = find_option(options, start);
  const option* const to = find_option(options, stop);
  const uint128 begin = from == nullptr ? 0 : from->numbers[0].low;
  const uint128 end = to == nullptr ? last_second_of_day : to->numbers[0].low;
  erase_if(options, [](const option& one) { return one.index == start || one.index == stop; });
  if (begin != 0 || end != last_second_of_day) {
    options.push_back({start, false, {{begin, begin}}, {}});
    options.push_back({stop, false, {{end, end}}, {}});
  }
  if (find_option(options, date_stop) == nullptr) options.push_back({date_stop, false, {{last_date, last_date}}, {}});
}

constexpr match_meaning time_meaning(const sequence<option>& options, const meaning_context& context) {
  return opaque("time", time_option::table, options, context, /*stateful=*/true);
}
}  // namespace detail

/// `-m time`: its options, and what a use of it means.
inline constexpr match_extension time_match{.name = "time",
                                            .options = time_option::table,
                                            .check = detail::time_check,
                                            .normalise = detail::time_normalise,
                                            .meaning = detail::time_meaning};

}  // namespace cordon
