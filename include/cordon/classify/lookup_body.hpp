// How keys are looked up, step by step. lookup.hpp includes this once for each vector unit, with names for the unit and what
// a function is compiled for; included by itself it is empty. No template argument can tell a function what it is compiled
// for, and what is compiled for less is not inlined.
#include <cordon/classify/lookup.hpp>

#ifdef CORDON_LOOKUP_UNIT
#define CORDON_LOOKUP_FUNCTION CORDON_LOOKUP_TARGET [[gnu::always_inline]] inline

namespace cordon::detail::CORDON_LOOKUP_NAMESPACE {

/// So many keys are looked up by gathers.
template <std::size_t Count>
inline constexpr bool is_gathered = CORDON_LOOKUP_UNIT::gathered != 0 && Count >= CORDON_LOOKUP_UNIT::gathered;

/// `into[i]` becomes the rank of `value_of(i)`.
template <class ValueOf>
CORDON_LOOKUP_FUNCTION void find_ranks(const rank_index& in, std::size_t count, const ValueOf& value_of,
                                       std::uint32_t* into) {
  switch (in.how) {
    case rank_index::kind::none: {
      for (std::size_t i = 0; i < count; ++i) into[i] = 0;
      return;
    }
    case rank_index::kind::by_value: {
      const std::uint16_t* const ranks = in.ranks.data();
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t value = value_of(i);
        into[i] = ranks[value < in.greatest ? value : in.greatest];
      }
      return;
    }
    case rank_index::kind::by_bits: {
      const std::uint32_t* const firsts = in.firsts.data();
      const std::uint32_t* const numbers = in.numbers.data();
      const std::uint32_t shift = in.shift;
      switch (in.runs) {
        case 1:
          for (std::size_t i = 0; i < count; ++i) {
            const std::uint32_t value = value_of(i);
            const std::uint32_t first = firsts[value >> shift];
            into[i] = first + CORDON_LOOKUP_UNIT::numbers_below<1>(numbers + first, value);
          }
          return;
        case 2:
          for (std::size_t i = 0; i < count; ++i) {
            const std::uint32_t value = value_of(i);
            const std::uint32_t first = firsts[value >> shift];
            into[i] = first + CORDON_LOOKUP_UNIT::numbers_below<2>(numbers + first, value);
          }
          return;
        default:
          for (std::size_t i = 0; i < count; ++i) {
            const std::uint32_t value = value_of(i);
            const std::uint32_t first = firsts[value >> shift];
            std::uint32_t rank = first;
            for (std::uint32_t run = 0; run < in.runs; ++run)
              rank += CORDON_LOOKUP_UNIT::numbers_below<1>(numbers + first + run * rank_node::size, value);
            into[i] = rank;
          }
          return;
      }
    }
    case rank_index::kind::by_halves: {
      const std::uint16_t* const firsts = in.ranks.data();
      const std::uint16_t* const numbers = in.lower_halves.data();
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t value = value_of(i);
        const std::uint32_t first = firsts[value >> 16];
        const std::uint32_t of_half = firsts[(value >> 16) + 1] - first;
        into[i] = first + CORDON_LOOKUP_UNIT::halves_below(numbers + first, of_half, static_cast<std::uint16_t>(value));
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
          at = at * (rank_node::size + 1) + CORDON_LOOKUP_UNIT::numbers_below<1>(nodes[*first + at].numbers, value);
        into[i] = at * rank_node::size + CORDON_LOOKUP_UNIT::numbers_below<1>(nodes[*first_leaf + at].numbers, value);
      }
      return;
    }
  }
}

template <std::size_t Count, class Address>
CORDON_LOOKUP_FUNCTION void find_classes(const lookup_tables<Address>& in, const packet_key<Address>* keys,
                                         found_classes<Count>& into) {
  if (in.asks_all) into = found_classes<Count>{};
  if constexpr (sizeof(Address) == sizeof(std::uint32_t)) {
    find_ranks(in.source_ranks, Count, [&](std::size_t i) { return keys[i].source; }, into[field_group::source]);
    find_ranks(
        in.destination_ranks, Count, [&](std::size_t i) { return keys[i].destination; },
        into[field_group::destination]);
  } else {
    for (std::size_t i = 0; i < Count; ++i) {
      into[field_group::source][i] = piece_of(in.source_starts, keys[i].source);
      into[field_group::destination][i] = piece_of(in.destination_starts, keys[i].destination);
    }
  }
  std::uint32_t* const uids = into[field_group::uid];
  bool has_uids = false;
  if constexpr (is_gathered<Count>) {
    using unit = typename depending<CORDON_LOOKUP_UNIT, Count>::type;
    has_uids = in.uid_ranks.how == rank_index::kind::by_value;
    if (has_uids)
      for (std::size_t i = 0; i < Count; i += unit::gathered) unit::find_uids(in, keys + i, uids + i);
  }
  if (!has_uids) {
    find_ranks(in.uid_ranks, Count, [&](std::size_t i) { return keys[i].uid; }, uids);
    if (!in.uid_classes.empty())
      for (std::size_t i = 0; i < Count; ++i) uids[i] = in.uid_classes.data()[uids[i]];
  }
  if (in.has_rest)
    for (std::size_t i = 0; i < Count; ++i) into[field_group::rest][i] = keys[i].rest;
  std::uint32_t* const shorts = into[field_group::shorts];
  if constexpr (is_gathered<Count>) {
    using unit = typename depending<CORDON_LOOKUP_UNIT, Count>::type;
    for (std::size_t i = 0; i < Count; i += unit::gathered) unit::find_shorts(in, keys + i, shorts + i);
  } else {
    const std::uint16_t* const first_words = in.first_word.classes.data();
    const std::uint16_t* const second_words = in.second_word.classes.data();
    const std::uint16_t* const kinds = in.kind.classes.data();
    const std::uint16_t* const flags = in.flags.classes.data();
    for (std::size_t i = 0; i < Count; ++i)
      shorts[i] = static_cast<std::uint32_t>(first_words[keys[i].first_word & in.first_word.mask]) +
                  second_words[keys[i].second_word & in.second_word.mask] + kinds[keys[i].kind & in.kind.mask] +
                  flags[keys[i].flags & in.flags.mask];
    if (!in.shorts_classes.empty())
      for (std::size_t i = 0; i < Count; ++i) shorts[i] = in.shorts_classes.data()[shorts[i]];
  }
  if (!in.has_lone) return;
  const auto look_up_alone = [&](const short_part_table& table, field_group which,
                                 std::uint16_t packet_key<Address>::* part) {
    if (table.alone.empty()) return;
    for (std::size_t i = 0; i < Count; ++i) into[which][i] = table.alone.data()[keys[i].*part];
  };
  look_up_alone(in.first_word, field_group::first_word, &packet_key<Address>::first_word);
  look_up_alone(in.second_word, field_group::second_word, &packet_key<Address>::second_word);
  look_up_alone(in.kind, field_group::kind, &packet_key<Address>::kind);
  look_up_alone(in.flags, field_group::flags, &packet_key<Address>::flags);
}

/// `places[i]` becomes the place in `rules` of the first bit of a share that fits the classes at i. A row has `Blocks`
/// blocks (0: as many as the share says), and `Groups` groups are asked: 3, those that always are; 4, the uid beside; 5,
/// `rest` beside; or all.
template <std::uint32_t Blocks, std::size_t Groups, std::size_t Count, class Address>
CORDON_LOOKUP_FUNCTION void find_places_in(const lookup_tables<Address>& in, const share_tables& share,
                                           const found_classes<Count>& classes, std::uint32_t* places) {
  constexpr const field_group* order = asked_order;
  const std::uint32_t* const offsets = in.row_offsets.data();
  std::uint32_t offset_of[Groups][Count];
  std::uint32_t first_rule[Count];
  if constexpr (is_gathered<Count>) {
    using unit = typename depending<CORDON_LOOKUP_UNIT, Count>::type;
    for (std::size_t i = 0; i < Count; i += unit::gathered)
      unit::template find_offsets<Groups>(in, share, classes, i, offset_of, first_rule + i);
  } else {
    for (std::size_t i = 0; i < Count; ++i) {
      const cluster_tables& cluster = cluster_for(in, share, classes, i);
      unrolled<Groups>([&](auto k) {
        constexpr auto group = static_cast<std::size_t>(order[k]);
        offset_of[k][i] = offsets[cluster.first_row[group] + classes.of[group][i]];
      });
      first_rule[i] = cluster.first_rule;
    }
  }
  const row_block* const all_rows = in.rows.data();
  for (std::size_t i = 0; i < Count; ++i) {
    const row_block* rows[Groups];
    unrolled<Groups>([&](auto k) { rows[k] = row_at(all_rows, offset_of[k][i]); });
    places[i] = first_rule[i] + CORDON_LOOKUP_UNIT::template first_common_bit<Blocks, Groups>(rows, share.blocks);
  }
}

template <std::uint32_t Blocks, std::size_t Count, class Address>
CORDON_LOOKUP_FUNCTION void find_places_in(const lookup_tables<Address>& in, const share_tables& share,
                                           const found_classes<Count>& classes, std::uint32_t* places) {
  if (in.has_lone)
    find_places_in<Blocks, field_group_count>(in, share, classes, places);
  else if (in.has_rest)
    find_places_in<Blocks, 5>(in, share, classes, places);
  else if (in.has_uid)
    find_places_in<Blocks, 4>(in, share, classes, places);
  else
    find_places_in<Blocks, 3>(in, share, classes, places);
}

template <std::size_t Count, class Address>
CORDON_LOOKUP_FUNCTION void find_places(const lookup_tables<Address>& in, const share_tables& share,
                                        const found_classes<Count>& classes, std::uint32_t* places) {
  if (share.blocks == 1)
    find_places_in<1>(in, share, classes, places);
  else if (share.blocks == 2)
    find_places_in<2>(in, share, classes, places);
  else
    find_places_in<0, field_group_count>(in, share, classes, places);
}

/// `into[i]` becomes what a table has at `places[i]`.
template <std::size_t Count, class Entry>
CORDON_LOOKUP_FUNCTION void look_up_in(const Entry* table, const std::uint32_t* places, std::uint32_t* into) {
  if constexpr (is_gathered<Count>) {
    using unit = typename depending<CORDON_LOOKUP_UNIT, Count>::type;
    for (std::size_t i = 0; i < Count; i += unit::gathered) unit::look_up(table, places + i, into + i);
  } else {
    for (std::size_t i = 0; i < Count; ++i) into[i] = table[places[i]];
  }
}

/// `numbers[i]` becomes what the joined tables tell of the classes at i.
template <std::size_t Count>
CORDON_LOOKUP_FUNCTION void find_joined(const joined_tables& in, found_classes<Count>& classes,
                                        std::uint32_t* numbers) {
  const std::uint16_t* const entries = in.entries.data();
  std::uint32_t* const sources = classes[field_group::source];
  std::uint32_t* const destinations = classes[field_group::destination];
  if (in.source_classes != joined_tables::none) look_up_in<Count>(entries + in.source_classes, sources, sources);
  if (in.destination_classes != joined_tables::none)
    look_up_in<Count>(entries + in.destination_classes, destinations, destinations);
  if constexpr (is_gathered<Count>) {
    depending<CORDON_LOOKUP_UNIT, Count>::type::find_joined(in, classes, numbers);
  } else {
    const class_join* const end = in.joins + in.join_count;
    for (std::size_t i = 0; i < Count; ++i) {
      std::uint32_t known = classes[in.first][i];
      for (const class_join* one = in.joins; one != end; ++one)
        known = entries[one->begin + classes[one->with][i] * one->width + known];
      numbers[i] = (known & joined_tables::leads_on) << 16 | (known & ~std::uint32_t{joined_tables::leads_on});
    }
  }
}

/// The first rule of all shares that fits, as a result: it goes into `numbers`.
template <std::size_t Count, class Address>
CORDON_LOOKUP_FUNCTION void find_in_shares(const compiled_rules<Address>& in, const found_classes<Count>& classes,
                                           std::uint32_t* numbers) {
  const lookup_tables<Address>& tables = in.tables;
  const std::uint32_t* const results = in.result_of_rule.data();
  std::uint32_t places[Count];
  find_places(tables, tables.shares.data()[0], classes, places);
  // Where one cluster has all rules, in their order, a place is a rule.
  if (tables.clusters.size() == 1) return look_up_in<Count>(results, places, numbers);
  const std::uint32_t* const all_rules = tables.rules.data();
  std::uint32_t rules[Count];
  look_up_in<Count>(all_rules, places, rules);
  const share_tables* const end = tables.shares.data() + tables.shares.size();
  for (const share_tables* share = tables.shares.data() + 1; share != end; ++share) {
    find_places(tables, *share, classes, places);
    if constexpr (is_gathered<Count>) {
      using unit = typename depending<CORDON_LOOKUP_UNIT, Count>::type;
      for (std::size_t i = 0; i < Count; i += unit::gathered) unit::look_up_least(all_rules, places + i, rules + i);
    } else {
      for (std::size_t i = 0; i < Count; ++i) {
        const std::uint32_t other = all_rules[places[i]];
        rules[i] = other < rules[i] ? other : rules[i];
      }
    }
  }
  look_up_in<Count>(results, rules, numbers);
}

/// Looks up `Count` keys, step by step together: what one of them waits for in memory does not keep the others waiting.
template <bool IsJoined, std::size_t Count, class Address>
CORDON_LOOKUP_FUNCTION void look_up_together(const compiled_rules<Address>& in, const packet_key<Address>* keys,
                                             std::uint32_t* numbers) {
  found_classes<Count> classes;
  find_classes(in.tables, keys, classes);
  if constexpr (IsJoined)
    find_joined(in.tables.joined, classes, numbers);
  else
    find_in_shares(in, classes, numbers);
  std::uint32_t any = 0;
  for (std::size_t i = 0; i < Count; ++i) any |= numbers[i];
  if ((any & compiled_rules<Address>::leads_on) == 0) return;
  for (std::size_t i = 0; i < Count; ++i)
    if ((numbers[i] & compiled_rules<Address>::leads_on) != 0) numbers[i] = follow(in, keys[i]);
}

template <bool IsJoined, class Address>
CORDON_LOOKUP_TARGET std::uint32_t look_up_one(const compiled_rules<Address>& in, const packet_key<Address>& key) {
  std::uint32_t number;
  look_up_together<IsJoined, 1>(in, &key, &number);
  return number;
}

template <bool IsJoined, class Address>
CORDON_LOOKUP_TARGET void look_up_many(const compiled_rules<Address>& in, const packet_key<Address>* keys,
                                       std::size_t count, std::uint32_t* numbers) {
  constexpr std::size_t together = CORDON_LOOKUP_UNIT::together;
  for (; count >= together; count -= together, keys += together, numbers += together)
    look_up_together<IsJoined, together>(in, keys, numbers);
  for (; count > 0; --count) *numbers++ = look_up_one<IsJoined>(in, *keys++);
}

template <class Address>
lookup_functions<Address> lookups(bool is_joined) {
  if (is_joined) return {look_up_one<true, Address>, look_up_many<true, Address>};
  return {look_up_one<false, Address>, look_up_many<false, Address>};
}

}  // namespace cordon::detail::CORDON_LOOKUP_NAMESPACE

#undef CORDON_LOOKUP_FUNCTION
#undef CORDON_LOOKUP_TARGET
#undef CORDON_LOOKUP_NAMESPACE
#undef CORDON_LOOKUP_UNIT
#endif
