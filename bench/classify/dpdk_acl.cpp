#include "dpdk_acl.hpp"

#include <bit>
#include <cstdio>
#include <cstdlib>

#include <rte_acl.h>
#include <rte_byteorder.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>

namespace cordon::bench {
namespace {

enum : std::uint8_t { protocol, source, destination, source_port, destination_port, user, field_count };

RTE_ACL_RULE_DEF(acl_rule, field_count);

const rte_acl_field_def fields[] = {
    {RTE_ACL_FIELD_TYPE_BITMASK, 1, protocol, 0, offsetof(acl_packet, protocol)},
    {RTE_ACL_FIELD_TYPE_MASK, 4, source, 1, offsetof(acl_packet, source)},
    {RTE_ACL_FIELD_TYPE_MASK, 4, destination, 2, offsetof(acl_packet, destination)},
    {RTE_ACL_FIELD_TYPE_RANGE, 2, source_port, 3, offsetof(acl_packet, source_port)},
    {RTE_ACL_FIELD_TYPE_RANGE, 2, destination_port, 3, offsetof(acl_packet, destination_port)},
    {RTE_ACL_FIELD_TYPE_MASK, 4, user, 4, offsetof(acl_packet, user)},
};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "error: DPDK: %s: %s\n", what, rte_strerror(rte_errno));
  std::exit(1);
}

void set_up() {
  static const bool done = [] {
    static char words[][40] = {"classify",
                               "--no-huge",
                               "--no-pci",
                               "--no-telemetry",
                               "-m",
                               "6144",
                               "--force-max-simd-bitwidth=512",
                               "--log-level=lib.*:error",
                               "--log-level=*:error"};
    static char* given[std::size(words)];
    for (std::size_t i = 0; i < std::size(words); ++i) given[i] = words[i];
    if (rte_eal_init(static_cast<int>(std::size(words)), given) < 0) fail("no environment");
    return true;
  }();
  (void)done;
}

// Networks and single users as a value and its number of leading bits.
rte_acl_field masked(const interval& of) {
  rte_acl_field made = {};
  made.value.u32 = of.low;
  made.mask_range.u32 = static_cast<std::uint32_t>(std::countl_zero(of.low ^ of.high));
  return made;
}

rte_acl_field ranged(const interval& of) {
  rte_acl_field made = {};
  made.value.u16 = static_cast<std::uint16_t>(of.low);
  made.mask_range.u16 = static_cast<std::uint16_t>(of.high);
  return made;
}

}  // namespace

acl_packet packed(const six_values& of) {
  acl_packet made;
  made.protocol = static_cast<std::uint8_t>(of.protocol);
  made.source = rte_cpu_to_be_32(of.source);
  made.destination = rte_cpu_to_be_32(of.destination);
  made.source_port = rte_cpu_to_be_16(static_cast<std::uint16_t>(of.source_port));
  made.destination_port = rte_cpu_to_be_16(static_cast<std::uint16_t>(of.destination_port));
  made.user = rte_cpu_to_be_32(of.user);
  return made;
}

dpdk_acl::dpdk_acl(const std::vector<tuple_rule>& rules) {
  set_up();
  static int number = 0;
  char name[32];
  std::snprintf(name, sizeof name, "rules%d", number++);
  rte_acl_param settings = {};
  settings.name = name;
  settings.socket_id = SOCKET_ID_ANY;
  settings.rule_size = RTE_ACL_RULE_SZ(field_count);
  settings.max_rule_num = static_cast<std::uint32_t>(rules.size());
  context_ = rte_acl_create(&settings);
  if (context_ == nullptr) fail("no context");
  std::vector<acl_rule> all(rules.size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    acl_rule& made = all[i];
    const five_tuple& from = rules[i].matches;
    made.data.category_mask = 1;
    made.data.priority = static_cast<std::int32_t>(RTE_ACL_MAX_PRIORITY - i);
    made.data.userdata = static_cast<std::uint32_t>(i + 1);
    made.field[protocol].value.u8 = static_cast<std::uint8_t>(from.protocol.low);
    made.field[protocol].mask_range.u8 = from.protocol.low == from.protocol.high ? 0xff : 0;
    made.field[source] = masked(from.source);
    made.field[destination] = masked(from.destination);
    made.field[source_port] = ranged(from.source_port);
    made.field[destination_port] = ranged(from.destination_port);
    made.field[user] = masked(rules[i].user);
  }
  if (rte_acl_add_rules(context_, reinterpret_cast<const rte_acl_rule*>(all.data()),
                        static_cast<std::uint32_t>(all.size())) != 0)
    fail("rules refused");
  rte_acl_config build = {};
  build.num_categories = 1;
  build.num_fields = field_count;
  for (std::size_t i = 0; i < field_count; ++i) build.defs[i] = fields[i];
  if (rte_acl_build(context_, &build) != 0) fail("rules not built");
}

dpdk_acl::~dpdk_acl() { rte_acl_free(context_); }

std::vector<std::pair<std::string, int>> dpdk_acl::methods() {
  set_up();
  std::vector<std::pair<std::string, int>> made;
  rte_acl_param settings = {};
  settings.name = "probe";
  settings.socket_id = SOCKET_ID_ANY;
  settings.rule_size = RTE_ACL_RULE_SZ(field_count);
  settings.max_rule_num = 1;
  rte_acl_ctx* const probe = rte_acl_create(&settings);
  if (probe == nullptr) fail("no context");
  for (const auto& [name, number] :
       {std::pair{"scalar", RTE_ACL_CLASSIFY_SCALAR}, std::pair{"avx2", RTE_ACL_CLASSIFY_AVX2},
        std::pair{"avx512x16", RTE_ACL_CLASSIFY_AVX512X16}, std::pair{"avx512x32", RTE_ACL_CLASSIFY_AVX512X32}})
    if (rte_acl_set_ctx_classify(probe, number) == 0) made.emplace_back(name, number);
  rte_acl_free(probe);
  return made;
}

void dpdk_acl::classify(const std::uint8_t* const* packets, std::uint32_t count, std::uint32_t* results,
                        int method) const {
  if (rte_acl_classify_alg(context_, const_cast<const std::uint8_t**>(packets), results, count, 1,
                           static_cast<enum rte_acl_classify_alg>(method)) != 0)
    fail("packets not classified");
}

}  // namespace cordon::bench
