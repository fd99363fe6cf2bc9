// Rules that the kernel holds and iptables-save does not tell, or tells wrongly: those in nft's own language,
// as `nft --debug=netlink list ruleset` shows them. What they do is not modelled; where they may drop or
// rewrite, no answer about the rules that were read is one about the host.
//
// iptables-nft-save prints what it understands of a rule, and often leaves the rest out in silence (1.8.9):
// of `tcp dport { 80, 443 } drop` in its own table it makes `-p tcp -j DROP`, of `ip daddr set 10.0.0.1` a
// rule that does nothing, and it prints tables that are dormant, in which no rule is asked. So each rule of a
// table that belongs to iptables must be made of what iptables-nft itself makes rules of. The listing alone
// does not tell, for it shows matches of iptables in nft's words; the debug output names the expressions.
// Nor may a rule ask for one field twice: of `-m tcp --dport 22:80 -m tcp ! --dport 53`, its own rule, it tells
// `-m tcp ! --dport 53`.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/number.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/packet/family.hpp>
#include <cordon/prove/matrix.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/text/words.hpp>

namespace cordon {

/// A chain or table of nft that no rules were read of, or not all that it does.
struct native_chain {
  text name = {};   ///< as `nft list ruleset` names it: inet filter output; ip filter for a whole table
  text words = {};  ///< what an answer hangs on: nft chain inet filter output
  bool v4 = true;   ///< whether it meets packets of IPv4
  bool v6 = true;   ///< whether it meets packets of IPv6
  friend constexpr bool operator==(const native_chain&, const native_chain&) = default;
};

/// The command whose output `native_chains_in` reads.
inline constexpr std::string_view nft_listing_command = "nft --debug=netlink list ruleset";

/// Whose tables were read in iptables' language, so that a listing need not tell their rules.
struct families_read {
  bool v4 = true;  ///< those of iptables
  bool v6 = true;  ///< those of ip6tables
};

namespace detail {

// The base chain that iptables makes in a table for what the host sends. That of security is not at security's priority, 50.
struct output_chain {
  std::string_view table;
  std::string_view type;
  std::string_view priorities[2];  // in the words of different versions of nft
};
inline constexpr output_chain output_chains[] = {{"raw", "filter", {"raw", "-300"}},
                                                 {"mangle", "route", {"mangle", "-150"}},
                                                 {"nat", "nat", {"-100", "dstnat"}},
                                                 {"filter", "filter", {"filter", "0"}},
                                                 {"security", "filter", {"150", "150"}}};

class nft_listing_reader {
 public:
  constexpr nft_listing_reader(std::string_view listing, const families_read& read)
      : rest_(listing), were_read_(read) {}

  constexpr sequence<native_chain> read() {
    while (!rest_.empty()) {
      const auto end = rest_.find('\n');
      const std::string_view line = rest_.substr(0, end);
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
      if (line.starts_with("  [ "))
        expression(line.substr(4));
      else
        read_line(line);
    }
    for (const seen_chain& one : chains_) judge(one);
    return std::move(found_);
  }

 private:
  struct seen_chain {
    text family, table, name;
    bool has_rules = false;
    bool is_output = false;    // a base chain that sees what the host sends
    bool is_iptables = false;  // as iptables makes it
    bool may_harm = false;     // has words that drop, change or lead on
  };
  struct seen_rules {  // one rule, as expressions
    text family, table, chain;
    bool is_foreign = false;
    bool holds_port = false;  // what was loaded last
    unsigned loaded = 0;      // the fields that were, of `fields_told_once`
  };

  constexpr void read_line(std::string_view line) {
    words_.split(line);
    const std::size_t count = words_.size();
    if (count == 0) return;
    const std::string_view first = word(0);
    if (first == "table" && count >= 3) {
      family_ = word(1);
      table_ = word(2);
      in_chain_ = false;
    } else if (first == "flags" && !in_chain_ && line.find("dormant") != std::string_view::npos) {
      if (is_ip(family_) && is_table_of_iptables(table_))
        add(join(family_, " ", table_), "table", ", in which no rule is asked, for it is dormant", family_);
    } else if (first == "chain" && count >= 2 && !in_chain_) {
      seen_chain& made = chains_.push_back({});
      made.family = family_;
      made.table = table_;
      made.name = word(1);
      in_chain_ = true;
    } else if (first == "}") {
      in_chain_ = false;
    } else if (in_chain_ && first == "type" && line.find(" hook ") != std::string_view::npos) {
      base_chain(line);
    } else if (in_chain_) {
      chains_.back().has_rules = true;
      chains_.back().may_harm = chains_.back().may_harm || may_drop_or_rewrite();
    } else if ((count == 4 || count == 5) && line[0] != ' ' && line[0] != '\t' && !word(2).starts_with("@")) {
      rules_.push_back({word(0), word(1), word(2), false});
    }
  }

  constexpr std::string_view word(std::size_t i) const { return words_[i].content; }

  // type filter hook output priority filter; policy accept;
  constexpr void base_chain(std::string_view line) {
    seen_chain& here = chains_.back();
    here.is_output = line.find(" hook output ") != std::string_view::npos;
    here.may_harm = here.may_harm || line.find("policy drop") != std::string_view::npos;
    if (!here.is_output || here.name != "OUTPUT") return;
    for (const output_chain& one : output_chains)
      for (const std::string_view priority : one.priorities)
        if (here.table == one.table &&
            line.find(join("type ", one.type, " hook output priority ", priority, ";")) != std::string_view::npos)
          here.is_iptables = true;
  }

  // Whether a rule has words at which it may drop a packet, change it, or send it to a chain that does.
  constexpr bool may_drop_or_rewrite() const {
    constexpr std::string_view harmful[] = {"drop",     "reject", "queue",   "dnat",    "snat", "masquerade",
                                            "redirect", "tproxy", "jump",    "goto",    "set",  "vmap",
                                            "fwd",      "dup",    "notrack", "synproxy"};
    for (const cordon::word& one : words_) {
      std::string_view content = one.content;
      while (!content.empty() && (content.back() == ';' || content.back() == ',')) content.remove_suffix(1);
      if (!one.quoted && has(harmful, content)) return true;
    }
    return false;
  }

  // One of the expressions of the rule whose heading was read last.
  constexpr void expression(std::string_view what) {
    if (rules_.empty()) return;
    seen_rules& here = rules_.back();
    const bool is_port = what.starts_with("payload load 2b @ transport header + 0 =>") ||
                         what.starts_with("payload load 2b @ transport header + 2 =>");
    if (is_port || what.starts_with("payload ") || what.starts_with("meta ")) here.holds_port = is_port;
    const unsigned loads = told_once(what);
    here.is_foreign = here.is_foreign || (here.loaded & loads) != 0;
    here.loaded |= loads;
    const bool is_order_of_ports = here.holds_port && (what.starts_with("cmp ") || what.starts_with("range "));
    here.is_foreign = here.is_foreign || (!is_order_of_ports && !is_made_by_iptables(what, here.family));
  }

  // The fields that an expression loads of which iptables-nft-save keeps one comparison a rule: it has one place for each in
  // what it prints from (nft_parse_payload and nft_parse_meta in its nft-shared.c). A mark is a match each time.
  static constexpr unsigned told_once(std::string_view what) {
    constexpr std::string_view fields_told_once[] = {
        "transport header + 2 ", "transport header + 0 ", "transport header + 13 ", "network header + 6 ",
        "network header + 8 ",   "network header + 9 ",   "network header + 12 ",   "network header + 16 ",
        "network header + 24 ",  "meta load l4proto ",    "meta load iifname ",     "meta load oifname "};
    // Both ports at once are the second too.
    unsigned made = what.starts_with("payload load 4b @ transport header + 0 ") ? 1U : 0U;
    unsigned bit = 1;
    for (const std::string_view one : fields_told_once) {
      if (what.find(one) != std::string_view::npos) made |= bit;
      bit <<= 1U;
    }
    return made;
  }

  // What iptables-nft makes rules of (nft_rule_add and add_* in its nft-shared.c), and reads back as what it
  // is. It takes any comparison for one of equality, but of a port, and of a wider field the beginning alone.
  static constexpr bool is_made_by_iptables(std::string_view what, std::string_view family) {
    if (what.starts_with("payload load ")) return is_field_of_iptables(what.substr(13), family);
    // Bits are masked, never shifted or flipped: ( reg 1 & 0x0000ff1f ) ^ 0x00000000
    if (what.starts_with("bitwise reg 1 = ( reg 1 & ")) {
      const auto flips = what.find(") ^ ");
      return flips != std::string_view::npos &&
             what.substr(flips + 4).find_first_not_of("0x ]") == std::string_view::npos;
    }
    constexpr std::string_view known[] = {"meta load l4proto ", "meta load iifname ", "meta load oifname ",
                                          "meta load mark ", "cmp eq ", "cmp neq ", "match name ", "target name ",
                                          "limit ", "counter ", "log ", "immediate reg 0 ",
                                          // -j TRACE
                                          "immediate reg 9 0x00000001 ]", "meta set nftrace with reg 9 ]"};
    return any_of(known, [&](std::string_view begin) { return what.starts_with(begin); });
  }

  // 2b @ transport header + 2 => reg 1 ]
  static constexpr bool is_field_of_iptables(std::string_view where, std::string_view family) {
    struct header_field {
      std::string_view family;  // empty: both
      std::string_view where;
      unsigned least;  // bytes
      unsigned most;
    };
    // Fragments, the protocol (old versions), addresses in as many bytes as their prefixes ask for, ports and
    // both of them at once, TCP's flags.
    constexpr header_field fields[] = {{"ip", "network header + 6", 2, 2},   {"ip", "network header + 9", 1, 1},
                                       {"ip", "network header + 12", 1, 4},  {"ip", "network header + 16", 1, 4},
                                       {"ip6", "network header + 8", 1, 16}, {"ip6", "network header + 24", 1, 16},
                                       {"", "transport header + 0", 2, 2},   {"", "transport header + 2", 2, 2},
                                       {"", "transport header + 0", 4, 4},   {"", "transport header + 13", 1, 1}};
    constexpr std::string_view middle = "b @ ";
    const auto at = where.find(middle);
    if (at == std::string_view::npos) return false;
    const auto bytes = read_number(where.substr(0, at), 16);
    where = where.substr(at + middle.size());
    where = where.substr(0, where.find(" =>"));
    return bytes && any_of(fields, [&](const header_field& one) {
             return (one.family.empty() || one.family == family) && one.where == where && one.least <= *bytes &&
                    *bytes <= one.most;
           });
  }

  static constexpr bool is_ip(std::string_view family) { return family == "ip" || family == "ip6"; }
  static constexpr bool is_table_of_iptables(std::string_view name) {
    return any_of(output_chains, [&](const output_chain& one) { return one.table == name; });
  }
  // Chains of iptables through which nothing passes that the host sends before it has passed OUTPUT.
  static constexpr bool is_elsewhere(std::string_view chain) {
    constexpr std::string_view names[] = {"PREROUTING", "INPUT", "FORWARD", "POSTROUTING"};
    return has(names, chain);
  }

  constexpr void judge(const seen_chain& one) {
    const text name = join(one.family, " ", one.table, " ", one.name);
    const bool is_in_table = is_ip(one.family) && is_table_of_iptables(one.table);
    const bool was_read = one.family == "ip" ? were_read_.v4 : were_read_.v6;
    if (!is_in_table || !was_read || (one.is_output && !one.is_iptables)) {
      if (one.is_output && one.may_harm) add(name, "chain", "", one.family);
      return;
    }
    if (is_elsewhere(one.name)) return;
    if (one.name == "OUTPUT" && !one.is_iptables && one.has_rules)
      return add(name, "chain", ", which nothing leads to, and iptables-save tells its rules", one.family);
    bool is_told = false;  // in expressions
    bool is_foreign = false;
    for (const seen_rules& rules : rules_) {
      if (rules.family != one.family || rules.table != one.table || rules.chain != one.name) continue;
      is_told = true;
      is_foreign = is_foreign || rules.is_foreign;
    }
    if (is_foreign)
      add(name, "chain", ", which has rules that iptables-save does not tell, or tells wrongly", one.family);
    else if (one.has_rules && !is_told)
      add(name, "chain", ", of which this nft does not tell what its rules are made of", one.family);
  }

  constexpr void add(text name, std::string_view what, std::string_view why, std::string_view family) {
    native_chain made;
    made.v4 = family == "ip" || family == "inet";
    made.v6 = family == "ip6" || family == "inet";
    if (!made.v4 && !made.v6) return;
    made.words = join("nft ", what, " ", name, why);
    made.name = std::move(name);
    if (!has(found_, made)) found_.push_back(std::move(made));
  }

  std::string_view rest_;
  families_read were_read_;
  line_words words_;
  text family_, table_;
  bool in_chain_ = false;
  sequence<seen_chain> chains_;
  sequence<seen_rules> rules_;
  sequence<native_chain> found_;
};

}  // namespace detail

/// Those of the chains in a listing that no rules were read of, or not all that they do: of nft's own
/// language, where they may drop or rewrite what the host sends; and of the tables of iptables, where they
/// hold what iptables has not made. `read` tells for which families iptables-nft-save was read: else their
/// tables are like any other's.
constexpr sequence<native_chain> native_chains_in(std::string_view listing, const families_read& read = {}) {
  return detail::nft_listing_reader(listing, read).read();
}

/// The tables that iptables-nft-save says it cannot tell, as `# Table `nat' is incompatible, use 'nft' tool.`
constexpr sequence<native_chain> tables_left_out(std::string_view saved, family of) {
  sequence<native_chain> made;
  constexpr std::string_view opening = "# Table `";
  while (!saved.empty()) {
    const auto end = saved.find('\n');
    std::string_view line = saved.substr(0, end);
    saved.remove_prefix(end == std::string_view::npos ? saved.size() : end + 1);
    if (!line.starts_with(opening) || line.find(" is incompatible") == std::string_view::npos) continue;
    line.remove_prefix(opening.size());
    native_chain one;
    one.name = join(of == family::ipv4 ? "ip " : "ip6 ", line.substr(0, line.find('\'')));
    one.words = join("nft table ", one.name, ", which iptables-save does not tell");
    one.v4 = of == family::ipv4;
    one.v6 = of == family::ipv6;
    made.push_back(std::move(one));
  }
  return made;
}

namespace detail {

constexpr doubt doubt_about(const native_chain& chain, family of) {
  doubt made;
  made.at.family = of;
  made.at.chain = chain.name;
  made.match = chain.words;
  return made;
}

// Of the answer for one family: what was proved may be rewritten there, and what leaks dropped.
template <class FamilyAnswer>
constexpr void doubt_in(FamilyAnswer& here, family of, const sequence<native_chain>& chains) {
  if (here.answer == answer::absent) return;
  for (const native_chain& one : chains) {
    if (!(of == family::ipv4 ? one.v4 : one.v6)) continue;
    here.doubts.push_back(doubt_about(one, of));
    here.answer = answer::unknown;
    here.leaks.clear();
  }
}

}  // namespace detail

/// Makes an answer about rules one about a host that has these chains beside: unknown, and they are named.
constexpr void doubt_for(proof& of, const sequence<native_chain>& chains) {
  detail::doubt_in(of.v4, family::ipv4, chains);
  detail::doubt_in(of.v6, family::ipv6, chains);
}
/// The same for each sandbox of several.
constexpr void doubt_for(sandbox_matrix& of, const sequence<native_chain>& chains) {
  for (judged_sandbox& one : of.sandboxes) doubt_for(one.proof, chains);
  for (crossing& one : of.crossings)
    for (const family in : both_families) {
      family_crossing& here = one.of(in);
      const bool was_leak = here.answer == answer::leak;
      detail::doubt_in(here, in, chains);
      if (was_leak && here.answer == answer::unknown) here.perhaps.append(std::exchange(here.reached, {}));
    }
}

}  // namespace cordon
