// How keys are looked up, step by step. lookup.hpp includes this once for each vector unit, with names for the unit and what
// a function is compiled for; included by itself it is empty. No template argument can tell a function what it is compiled
// for, and what is compiled for less is not inlined.
#include <cordon/classify/lookup.hpp>

#ifdef CORDON_LOOKUP_UNIT
#define CORDON_LOOKUP_FUNCTION CORDON_LOOKUP_TARGET [[gnu::always_inline]] inline

namespace cordon::detail::CORDON_LOOKUP_NAMESPACE {

/// `into[i]` becomes the rank of `value_of(i)`.
template <class ValueOf>
CORDON_LOOKUP_FUNCTION void find_ranks(const rank_index& in, std::size_t count, const ValueOf& value_of,
                                              std::uint32_t* into) {
  switch (in.how) {
    case rank_index::kind::none: return;
    case rank_index::kind::by_value: {
      const std::uint16_t* const ranks = in.ranks.data();
      const auto last = static_cast<std::uint32_t>(in.ranks.size() - 1);
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t value = value_of(i);
        into[i] = ranks[value < last ? value : last];
      }
      return;
    }
    case rank_index::kind::by_bits: {
      const std::uint32_t* const firsts = in.firsts.data();
      const std::uint32_t* const numbers = in.numbers.data();
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t value = value_of(i);
        const std::uint32_t first = firsts[value >> in.shift];
        std::uint32_t rank = first + CORDON_LOOKUP_UNIT::numbers_below(numbers + first, value);
        for (std::uint32_t run = 1; run < in.runs; ++run)
          rank += CORDON_LOOKUP_UNIT::numbers_below(numbers + first + run * rank_node::size, value);
        into[i] = rank;
      }
      return;
    }
    case rank_index::kind::by_tree: {
      const rank_node* const nodes = in.nodes.data();
      const std::uint32_t* const first_leaf = &in.first_node[in.level_count - 1];
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t value = value_of(i);
        std::uint32_t at = 0;
        for (const std::uint32_t* first = in.first_node; first != first_leaf; ++first)
          at = at * (rank_node::size + 1) + CORDON_LOOKUP_UNIT::numbers_below(nodes[*first + at].numbers, value);
        into[i] = at * rank_node::size + CORDON_LOOKUP_UNIT::numbers_below(nodes[*first_leaf + at].numbers, value);
      }
      return;
    }
  }
}

template <std::size_t Count, class Address>
CORDON_LOOKUP_FUNCTION void find_classes(const lookup_tables<Address>& in, const packet_key<Address>* keys,
                                                found_classes<Count>& into) {
  if constexpr (sizeof(Address) == sizeof(std::uint32_t)) {
    find_ranks(in.source_ranks, Count, [&](std::size_t i) { return keys[i].source; }, into[field_group::source]);
    find_ranks(in.destination_ranks, Count, [&](std::size_t i) { return keys[i].destination; },
                     into[field_group::destination]);
  } else {
    for (std::size_t i = 0; i < Count; ++i) {
      into[field_group::source][i] = piece_of(in.source_starts, keys[i].source);
      into[field_group::destination][i] = piece_of(in.destination_starts, keys[i].destination);
    }
  }
  std::uint32_t* const uids = into[field_group::uid];
  find_ranks(in.uid_ranks, Count, [&](std::size_t i) { return keys[i].uid; }, uids);
  if (!in.uid_classes.empty())
    for (std::size_t i = 0; i < Count; ++i) uids[i] = in.uid_classes.data()[uids[i]];
  if (in.has_rest)
    for (std::size_t i = 0; i < Count; ++i) into[field_group::rest][i] = keys[i].rest;
  std::uint32_t* const shorts = into[field_group::shorts];
  const auto look_up_short = [&](const short_part_table& table, field_group which, std::uint16_t packet_key<Address>::*part) {
    if (table.classes.empty()) return;
    const std::uint16_t* const classes = table.classes.data();
    std::uint32_t* const to = table.alone ? into[which] : shorts;
    for (std::size_t i = 0; i < Count; ++i) to[i] += classes[keys[i].*part];
  };
  look_up_short(in.first_word, field_group::first_word, &packet_key<Address>::first_word);
  look_up_short(in.second_word, field_group::second_word, &packet_key<Address>::second_word);
  look_up_short(in.kind, field_group::kind, &packet_key<Address>::kind);
  look_up_short(in.flags, field_group::flags, &packet_key<Address>::flags);
  if (!in.shorts_classes.empty())
    for (std::size_t i = 0; i < Count; ++i) shorts[i] = in.shorts_classes.data()[shorts[i]];
}

/// `rules[i]` becomes the first rule of a share that fits the classes at i. A row has `Blocks` blocks (0: as many as the share
/// says), and `Groups` groups are asked: 3, those that always are; 4, the uid beside; 5, `rest` beside; or all.
template <std::uint32_t Blocks, std::size_t Groups, std::size_t Count, class Address>
CORDON_LOOKUP_FUNCTION void find_rules_in(const lookup_tables<Address>& in, const share_tables& share,
                                                 const found_classes<Count>& classes, std::uint32_t* rules) {
  constexpr field_group order[] = {field_group::source, field_group::destination, field_group::shorts,
                                   field_group::uid,    field_group::rest,        field_group::first_word,
                                   field_group::second_word, field_group::kind,   field_group::flags};
  const std::uint32_t* const numbers = in.row_numbers.data();
  std::uint32_t row_of[Groups][Count];
  std::uint32_t first_rule[Count];
  for (std::size_t i = 0; i < Count; ++i) {
    const cluster_tables& cluster = cluster_for(in, share, classes, i);
    unrolled<Groups>([&](auto k) {
      constexpr auto group = static_cast<std::size_t>(order[k]);
      row_of[k][i] = numbers[cluster.first_row[group] + classes.of[group][i]];
    });
    first_rule[i] = cluster.first_rule;
  }
  const row_block* const all_rows = in.rows.data();
  const std::uint32_t* const all_rules = in.rules.data();
  for (std::size_t i = 0; i < Count; ++i) {
    const row_block* rows[Groups];
    unrolled<Groups>([&](auto k) { rows[k] = all_rows + row_of[k][i]; });
    rules[i] = all_rules[first_rule[i] + CORDON_LOOKUP_UNIT::template first_common_bit<Blocks, Groups>(rows, share.blocks)];
  }
}

template <std::uint32_t Blocks, std::size_t Count, class Address>
CORDON_LOOKUP_FUNCTION void find_rules_in(const lookup_tables<Address>& in, const share_tables& share,
                                                 const found_classes<Count>& classes, std::uint32_t* rules) {
  if (in.has_lone)
    find_rules_in<Blocks, field_group_count>(in, share, classes, rules);
  else if (in.has_rest)
    find_rules_in<Blocks, 5>(in, share, classes, rules);
  else if (in.has_uid)
    find_rules_in<Blocks, 4>(in, share, classes, rules);
  else
    find_rules_in<Blocks, 3>(in, share, classes, rules);
}

template <std::size_t Count, class Address>
CORDON_LOOKUP_FUNCTION void find_rules_of(const lookup_tables<Address>& in, const share_tables& share,
                                                 const found_classes<Count>& classes, std::uint32_t* rules) {
  if (share.blocks == 1)
    find_rules_in<1>(in, share, classes, rules);
  else if (share.blocks == 2)
    find_rules_in<2>(in, share, classes, rules);
  else
    find_rules_in<0, field_group_count>(in, share, classes, rules);
}

/// Looks up `Count` keys, step by step together: what one of them waits for in memory does not keep the others waiting.
template <std::size_t Count, class Address>
CORDON_LOOKUP_FUNCTION void look_up_together(const compiled_rules<Address>& in, const packet_key<Address>* keys,
                                                    std::uint32_t* numbers) {
  const lookup_tables<Address>& tables = in.tables;
  found_classes<Count> classes;
  find_classes(tables, keys, classes);
  std::uint32_t rules[Count];
  find_rules_of(tables, tables.shares[0], classes, rules);
  const share_tables* const end = tables.shares.data() + tables.shares.size();
  for (const share_tables* share = tables.shares.data() + 1; share != end; ++share) {
    std::uint32_t others[Count];
    find_rules_of(tables, *share, classes, others);
    for (std::size_t i = 0; i < Count; ++i) rules[i] = others[i] < rules[i] ? others[i] : rules[i];
  }
  for (std::size_t i = 0; i < Count; ++i) {
    std::uint32_t number = in.result_of_rule.data()[rules[i]];
    if ((number & compiled_rules<Address>::leads_on) != 0) number = follow(in, classes, i, rules[i]);
    numbers[i] = number;
  }
}

template <class Address>
CORDON_LOOKUP_TARGET void look_up(const compiled_rules<Address>& in, const packet_key<Address>* keys,
                                           std::size_t count, std::uint32_t* numbers) {
  constexpr std::size_t together = 16;
  for (; count >= together; count -= together, keys += together, numbers += together)
    look_up_together<together>(in, keys, numbers);
  for (; count > 0; --count) look_up_together<1>(in, keys++, numbers++);
}

}  // namespace cordon::detail::CORDON_LOOKUP_NAMESPACE

#undef CORDON_LOOKUP_FUNCTION
#undef CORDON_LOOKUP_TARGET
#undef CORDON_LOOKUP_NAMESPACE
#undef CORDON_LOOKUP_UNIT
#endif
