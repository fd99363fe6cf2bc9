#include "trace_legacy.hpp"

#include <charconv>
#include <utility>

#include "watch.hpp"

namespace cordon::kernel {
namespace {

constexpr std::string_view trace_prefix = "TRACE: ";

/// `filter:SANDBOX:rule:7 `: table names hold no colon, but names of chains may.
std::optional<trace_step> step_of(std::string_view words, const rule_counts& counts) {
  while (words.ends_with(' ')) words.remove_suffix(1);
  const std::size_t number_at = words.rfind(':');
  if (number_at == std::string_view::npos || number_at == 0) return std::nullopt;
  const std::size_t kind_at = words.rfind(':', number_at - 1);
  const std::size_t table_end = words.find(':');
  if (kind_at == std::string_view::npos || table_end >= kind_at) return std::nullopt;
  trace_step step;
  step.table = words.substr(0, table_end);
  step.chain = words.substr(table_end + 1, kind_at - table_end - 1);
  std::from_chars(words.data() + number_at + 1, words.data() + words.size(), step.number);
  const std::string_view kind = words.substr(kind_at + 1, number_at - kind_at - 1);
  if (kind == "rule") return step;
  const auto count = counts.find(words.substr(0, kind_at));
  const bool is_a_rule =
      count != counts.end() && step.number <= count->second;  // an unconditional one with a plain verdict
  if (!is_a_rule) step.kind = kind == "policy" ? step_kind::policy : step_kind::returned;
  return step;
}

}  // namespace

legacy_tracer::legacy_tracer(world& where, options chosen) { watch::start(where.netfilter(), chosen.conntrack_state); }

void legacy_tracer::set_rules(ip_family family, rule_counts counts) {
  (family == ip_family::v4 ? v4_ : v6_) = std::move(counts);
}

void legacy_tracer::note_step(const log_report& report) {
  traced_packet* packet = assembler_.find(report.bytes);
  if (packet == nullptr) return;
  auto step = step_of(report.prefix.substr(trace_prefix.size()), packet->family == ip_family::v4 ? v4_ : v6_);
  if (!step) return;
  step->mark = report.mark;
  step->bytes.assign(report.bytes.begin(), report.bytes.end());
  packet->steps.push_back(*std::move(step));
}

std::vector<traced_packet> legacy_tracer::take() {
  log_.drain([this](const log_report& report) {
    if (!assembler_.note_bookend(report) && report.prefix.starts_with(trace_prefix)) note_step(report);
  });
  std::vector<traced_packet> packets = assembler_.take();
  for (traced_packet& packet : packets) packet.steps_known = true;
  return packets;
}

}  // namespace cordon::kernel
