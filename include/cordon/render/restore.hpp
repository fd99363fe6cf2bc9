// Rules as text for iptables-restore. Takes only what was proved, and reads back what it wrote.
#pragma once

#include <cstddef>
#include <string_view>

#include <cordon/base/contract.hpp>
#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/proved_firewall.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/text/reader.hpp>
#include <cordon/text/writer.hpp>

namespace cordon {

namespace detail {

constexpr bool is_printable(std::string_view words) {
  for (const char c : words)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  return true;
}

constexpr bool is_bare_word(std::string_view name) {
  for (const char c : name)
    if (c == ' ' || c == '"') return false;
  return is_printable(name);
}

constexpr bool are_printable(const sequence<option>& options) {
  for (const option& one : options)
    if (!is_printable(one.words)) return false;
  return true;
}

constexpr bool is_printable(const rule& of) {
  if (!is_bare_word(of.in.name) || !is_bare_word(of.out.name)) return false;
  for (const match& one : of.matches)
    if (!is_bare_word(one.name) || !is_printable(one.words) || !are_printable(one.options)) return false;
  return is_bare_word(of.target.name) && is_printable(of.target.words) && are_printable(of.target.options);
}

constexpr bool reads_back(std::string_view written, const ruleset& as, family of) {
  const auto again = read_ruleset(written, {.family = of, .backend = as.backend});
  return again && *again == as;
}

// What a rule says behind `-A CHAIN `.
constexpr text words_of(const rule& one, family of, backend how) {
  const text line = write_rule(one, of, "OUTPUT", how);
  return text(line.view().substr(std::string_view("-A OUTPUT ").size()));
}

// The own chain, declared (which empties the one that is there) and filled.
constexpr text own_chain_lines(const installation& of) {
  text out = join(":", of.own.name, " - [0:0]\n");
  for (const rule& one : of.own.rules) out.append(write_rule(one, of.family, of.own.name, of.backend)).append('\n');
  return out;
}

// Takes out each jump that is there and puts one first.
constexpr text jump_lines(const installation& of, std::size_t there) {
  const text jump = words_of(of.own.jump, of.family, of.backend);
  text out;
  for (; there > 0; --there) out.append("-D OUTPUT ").append(jump).append('\n');
  out.append("-I OUTPUT 1 ").append(jump).append('\n');
  return out;
}

// Whether lines for the filter table do what `of` says, where OUTPUT holds the jump as often as it says.
constexpr bool do_install(const installation& of, std::string_view declaration_and_rules, std::string_view jumps) {
  ruleset wanted{of.backend, {}, {}};
  table& filter = wanted.find_or_add(table_name::filter);
  filter.find("OUTPUT")->rules.push_back(of.own.jump);
  filter.chains.push_back({of.own.name, no_value, of.own.rules, {}});
  text content = join("*filter\n", declaration_and_rules);
  for (std::size_t i = 0; i < of.jumps_there; ++i)
    content.append("-A OUTPUT ").append(words_of(of.own.jump, of.family, of.backend)).append('\n');
  content.append(jumps).append("COMMIT\n");
  return reads_back(content, wanted, of.family);
}

}  // namespace detail

/// Whether iptables-save has words for all that the rules say, so that its text, read again, gives the same
/// rules. A rule that iptables loads in a meaning which it then does not show (`! -o +` on legacy) has none.
constexpr bool is_writable(const ruleset& rules, family of) {
  for (const table& one : rules.tables)
    for (const chain& each : one.chains) {
      if (!detail::is_bare_word(each.name)) return false;
      for (const rule& line : each.rules)
        if (!detail::is_printable(line)) return false;
    }
  return detail::reads_back(write_ruleset(rules, of), rules, of);
}

/// All rules of a family, as text for `iptables-restore`, which then replaces the tables that are in it.
/// `which` tells the back end where the family has rules of both. The text of a family without rules is
/// empty. Preconditions: the family is there; `which` is given if it must be; the rules are writable
/// (`is_writable`).
constexpr text restore_text(const proved_firewall& rules, family of, maybe<cordon::backend> which = no_value) {
  const family_rules& all = rules.rules().of(of);
  require(!all.absent, "the host does not have this family: there are no rules to write");
  require(which || all.rulesets.size() < 2, "the family has rules of two back ends: say which to write");
  for (const ruleset& one : all.rulesets) {
    if (which && one.backend != *which) continue;
    require(is_writable(one, of), "iptables-save has no words for some of these rules");
    return write_ruleset(one, of);
  }
  return {};
}

/// The sandbox's chain and its jump, as text for `iptables-restore --noflush`, which changes them alone, and
/// all at once. Each jump that the host's rules hold is taken out, so the text fits those rules and no
/// others. Where the host's rules were not given it is for a first installation, and says so. Precondition:
/// the host has the family.
constexpr text noflush_restore_text(const enforced_firewall& rules, family of) {
  const installation& part = rules.of(of);
  const text chain = detail::own_chain_lines(part);
  const text jumps = detail::jump_lines(part, part.jumps_there);
  require(detail::do_install(part, chain, jumps), "what was written does not read back as the rules that were proved");
  text out;
  if (!part.host_is_known)
    out.append(
           "# For a first installation, with iptables-restore --noflush: loaded again, it would add its "
           "jump\n")
        .append("# once more. Given the host's rules, cordon takes out the jumps that are there.\n");
  return out.append("*filter\n").append(chain).append(jumps).append("COMMIT\n");
}

}  // namespace cordon
