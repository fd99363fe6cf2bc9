#include "tally.hpp"

#include <iomanip>
#include <ostream>

namespace cordon::kernel {
namespace {

std::size_t index_of(const combination& of) {
  return (of.which == back_end::nft ? 1U : 0U) + (of.family == ip_family::v6 ? 2U : 0U);
}

}  // namespace

std::string name_of(const combination& of) {
  return std::string(name_of(of.which)) + (of.family == ip_family::v4 ? " IPv4" : " IPv6");
}

tally::numbers& tally::at(const combination& of) { return numbers_[index_of(of)]; }

void tally::note(const combination& of, const judgement& made) {
  numbers& here = at(of);
  ++here.sent;
  if (!made.skipped.empty()) {
    ++skipped_[std::string(made.skipped)];
    return;
  }
  ++here.compared;
  if (made.certain) ++here.certain;
  if (made.with_way) ++here.with_way;
  if (made.real) ++here.real;
  here.answers += made.answers;
  if (made.difference) ++here.differences;
}

std::uint64_t tally::compared() const {
  std::uint64_t sum = 0;
  for (const numbers& one : numbers_) sum += one.compared;
  return sum;
}

std::uint64_t tally::rule_sets() const {
  std::uint64_t sum = 0;
  for (const numbers& one : numbers_) sum += one.rule_sets;
  return sum;
}

std::uint64_t tally::differences() const {
  std::uint64_t sum = 0;
  for (const numbers& one : numbers_) sum += one.differences;
  return sum;
}

void tally::print(std::ostream& out) const {
  constexpr int width = 12;
  const auto cell = [&](const auto& value) { out << std::setw(width) << std::right << value; };
  out << "             ";
  for (const char* const head :
       {"rule sets", "sent", "compared", "way too", "one verdict", "real", "answers", "differences"})
    cell(head);
  out << '\n';
  for (const combination& of : all_combinations) {
    const numbers& here = numbers_[index_of(of)];
    if (here.sent == 0 && here.differences == 0) continue;
    out << std::setw(13) << std::left << name_of(of);
    for (const std::uint64_t value : {here.rule_sets, here.sent, here.compared, here.with_way, here.certain, here.real,
                                      here.answers, here.differences})
      cell(value);
    out << '\n';
  }
  for (const auto& [why, count] : skipped_) out << "not compared: " << count << " packets: " << why << '\n';
  if (cleaned_ > 0)
    out << "tried again without the rules about objects that the host must have: " << cleaned_ << " rule sets\n";
  for (const auto& [why, count] : refusals_) out << "not loaded: " << count << " rule sets: " << why << '\n';
}

}  // namespace cordon::kernel
