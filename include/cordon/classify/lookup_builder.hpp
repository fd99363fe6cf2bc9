// Makes the tables of a lookup out of a flat list of rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/classify/classes.hpp>
#include <cordon/classify/clusters.hpp>
#include <cordon/classify/dimensions.hpp>
#include <cordon/classify/flat_rules.hpp>
#include <cordon/classify/join_planner.hpp>
#include <cordon/classify/lookup_tables.hpp>
#include <cordon/classify/packet_key.hpp>

namespace cordon::detail {

/// How the fields that are no part of a key of their own make its `rest`.
struct rest_classes {
  struct step {
    dimension of = {};
    sequence<uint128> starts = {};
    sequence<std::uint32_t> class_of_piece = {};
    std::uint32_t class_count = 1;
    sequence<std::uint16_t> combined = {};  ///< with the class of the steps before; empty for the first
  };
  sequence<step> steps = {};

  constexpr std::uint32_t class_of(const packet& of) const {
    std::uint32_t made = 0;
    for (const step& one : steps) {
      const uint128* const above = lower_bound(one.starts.begin(), one.starts.end(), one.of.value_in(of),
                                               [](uint128 start, uint128 wanted) { return start <= wanted; });
      const std::uint32_t alone = one.class_of_piece[static_cast<std::size_t>(above - one.starts.begin()) - 1];
      made = one.combined.empty() ? alone : one.combined[made * one.class_count + alone];
    }
    return made;
  }
  constexpr std::size_t bytes() const {
    std::size_t all = 0;
    for (const step& one : steps)
      all += one.starts.size() * sizeof(uint128) + 4 * one.class_of_piece.size() + 2 * one.combined.size();
    return all;
  }
};

template <class Address>
class lookup_builder {
 public:
  /// The short parts are looked up together as long as they have no more classes.
  static constexpr std::size_t most_shorts = std::size_t{1} << 16;
  /// What is asked of a field that would make `rest` grow beyond this is left to the simulator.
  static constexpr std::size_t most_rest = std::size_t{1} << 20;
  static constexpr std::size_t most_classes = std::size_t{1} << 16;
  /// The results of more rules are not looked up in tables of all pairs of classes.
  static constexpr std::size_t most_joined_rules = 2 * block_bits;
  /// The bound on what the tables take.
  static constexpr std::size_t most_bytes = std::size_t{1} << 28;

  /// `most_joined_bytes`: what tables of pairs of classes may take.
  constexpr lookup_builder(flat_rules& rules, const dimensions& known, std::size_t most_joined_bytes)
      : rules_(&rules), known_(&known), most_joined_bytes_(most_joined_bytes) {}

  /// False if the tables would be larger than the bound.
  constexpr bool build(lookup_tables<Address>& tables, rest_classes& rest) {
    tables_ = &tables;
    rest_ = &rest;
    gather_dimensions();
    make_rest();
    make_uid();
    make_shorts();
    make_addresses();
    if (!make_shares()) return false;
    for (sequence<std::uint16_t>* const one :
         {&tables.first_word.classes, &tables.second_word.classes, &tables.kind.classes, &tables.flags.classes,
          &tables.uid_classes, &tables.shorts_classes, &tables.uid_ranks.ranks, &tables.joined.entries})
      if (!one->empty()) one->push_back(0);
    return true;
  }

 private:
  // A group but for addresses: its classes, and by what it is looked up the class of it.
  struct group {
    field_group which = field_group::rest;
    class_set classes = {};
    sequence<std::uint32_t> class_of = {};
  };

  static constexpr std::uint32_t index(key_part part) { return static_cast<std::uint32_t>(part); }
  static constexpr std::uint32_t index(field_group of) { return static_cast<std::uint32_t>(of); }

  // Which dimensions there are of each part; addresses and the uid have at most one.
  constexpr void gather_dimensions() {
    of_part_.resize(key_part_count);
    for (std::uint32_t i = 0; i < known_->size(); ++i) {
      const dimension& one = (*known_)[i];
      const key_part part = one.mask == 0 ? place_in_key(one.field).part : key_part::rest;
      of_part_[index(part)].push_back(i);
    }
  }

  static constexpr sequence<std::uint32_t> each_itself(std::uint32_t count) {
    sequence<std::uint32_t> made;
    for (std::uint32_t i = 0; i < count; ++i) made.push_back(i);
    return made;
  }

  constexpr void make_rest() {
    class_set all;
    for (const std::uint32_t which : of_part_[index(key_part::rest)]) {
      rest_classes::step step;
      step.of = (*known_)[which];
      cut_dimension pieces = cut(*rules_, which, step.of.greatest);
      class_set alone = classes_of(pieces, step.class_of_piece);
      if (alone.count == 1) continue;
      if (alone.count == 0 || alone.count > most_classes || std::size_t{alone.count} * all.count > most_rest) {
        leave_to_simulator(which);
        continue;
      }
      step.starts = std::move(pieces.starts);
      step.class_count = alone.count;
      class_set both = alone;
      if (!rest_->steps.empty()) both = combined(all, alone, step.combined);
      if (both.count == 0 || both.count > most_classes) {
        leave_to_simulator(which);
        continue;
      }
      all = std::move(both);
      rest_->steps.push_back(std::move(step));
    }
    if (all.count == 1) return;
    const std::uint32_t count = all.count;
    groups_.push_back({field_group::rest, std::move(all), each_itself(count)});
  }

  constexpr void leave_to_simulator(std::uint32_t which) {
    for (flat_rule& one : rules_->rules)
      if (erase_if(one.holds, [&](const constraint& each) { return each.which == which; }) != 0) one.result = 0;
  }

  constexpr void make_uid() {
    for (const std::uint32_t which : of_part_[index(key_part::uid)]) {
      const cut_dimension pieces = cut(*rules_, which, (*known_)[which].greatest);
      group made{field_group::uid};
      made.classes = classes_of(pieces, made.class_of);
      if (made.classes.count == 0 || made.classes.count > most_classes) {
        leave_to_simulator(which);
      } else if (made.classes.count > 1) {
        tables_->uid_ranks = rank_index::of(pieces.starts);
        groups_.push_back(std::move(made));
      }
    }
  }

  constexpr short_part_table& table_of(key_part part) {
    switch (part) {
      case key_part::first_word: return tables_->first_word;
      case key_part::second_word: return tables_->second_word;
      case key_part::kind: return tables_->kind;
      default: return tables_->flags;
    }
  }

  struct short_part {
    key_part part = key_part::kind;
    class_set classes = {};
    std::uint32_t class_count = 0;
    sequence<std::uint16_t> by_value = {};
    constexpr bool operator<(const short_part& other) const { return classes.count < other.classes.count; }
  };

  constexpr void make_shorts() {
    sequence<short_part> parts;
    for (const key_part part : {key_part::first_word, key_part::second_word, key_part::kind, key_part::flags}) {
      short_part made{part};
      made.classes = classes_of_values(part, made.by_value);
      made.class_count = made.classes.count;
      table_of(part).classes.push_back(0);
      if (made.classes.count > 1) parts.push_back(std::move(made));
    }
    sort(parts);
    group together{field_group::shorts};
    std::size_t count = 1;
    for (short_part& one : parts) {
      sequence<std::uint16_t> table;
      class_set both;
      if (count != 1 && count * one.classes.count <= most_shorts) both = combined(together.classes, one.classes, table);
      if (count * one.classes.count > most_shorts || both.count == 0) {
        put_alone(std::move(one));
        continue;
      }
      sequence<std::uint32_t> class_of;
      for (std::uint32_t high = 0; high < one.classes.count; ++high)
        for (std::uint32_t low = 0; low < count; ++low)
          class_of.push_back(count == 1 ? high : table[together.class_of[low] * one.classes.count + high]);
      // The first part counts in ones, the next in as many as it has classes, and so on.
      for (std::uint16_t& each : one.by_value) each = static_cast<std::uint16_t>(each * count);
      table_of(one.part).mask = 65535;
      table_of(one.part).classes = std::move(one.by_value);
      together.class_of = std::move(class_of);
      together.classes = std::move(count == 1 ? one.classes : both);
      count *= one.class_count;
    }
    if (count > 1) groups_.push_back(std::move(together));
  }

  constexpr void put_alone(short_part one) {
    const field_group which = one.part == key_part::first_word    ? field_group::first_word
                              : one.part == key_part::second_word ? field_group::second_word
                              : one.part == key_part::kind        ? field_group::kind
                                                                  : field_group::flags;
    table_of(one.part).alone = std::move(one.by_value);
    groups_.push_back({which, std::move(one.classes), each_itself(one.class_count)});
  }

  // The classes of a short part, and by value the class of it.
  constexpr class_set classes_of_values(key_part part, sequence<std::uint16_t>& by_value) {
    class_set all;
    for (const std::uint32_t which : of_part_[index(part)]) {
      const cut_dimension pieces = cut(*rules_, which, (*known_)[which].greatest);
      sequence<std::uint32_t> class_of_piece;
      class_set alone = classes_of(pieces, class_of_piece);
      if (alone.count == 1) continue;
      sequence<std::uint16_t> table;
      const std::uint32_t count = alone.count;
      class_set both;
      if (!by_value.empty() && count != 0) both = combined(all, alone, table);
      if (count == 0 || both.count == 0) {
        leave_to_simulator(which);
        continue;
      }
      all = std::move(by_value.empty() ? alone : both);
      const unsigned shift = place_in_key((*known_)[which].field).shift;
      const auto mask = static_cast<std::uint32_t>((*known_)[which].greatest);
      by_value.resize(std::size_t{1} << width_of(part), 0);
      for (std::uint32_t value = 0; value < by_value.size(); ++value) {
        const std::uint32_t one = class_of_piece[pieces.piece_of((value >> shift) & mask)];
        by_value[value] = static_cast<std::uint16_t>(table.empty() ? one : table[by_value[value] * count + one]);
      }
    }
    return all;
  }

  constexpr void make_addresses() {
    for (const key_part part : {key_part::source, key_part::destination}) {
      cut_dimension& pieces = part == key_part::source ? source_ : destination_;
      pieces.starts.push_back(0);
      pieces.demands.resize(1);
      pieces.demands[0].push_back({0, 0});
      pieces.demand_of.assign(rules_->rules.size(), 0);
      for (const std::uint32_t which : of_part_[index(part)]) pieces = cut(*rules_, which, (*known_)[which].greatest);
      if constexpr (sizeof(Address) == sizeof(std::uint32_t))
        (part == key_part::source ? tables_->source_ranks : tables_->destination_ranks) = rank_index::of(pieces.starts);
      else
        (part == key_part::source ? tables_->source_starts : tables_->destination_starts) = pieces.starts;
    }
  }

  constexpr bool make_shares() {
    const sequence<rule_share> plan = plan_for(rules_->rules.size(), source_, destination_);
    bool is_asked[field_group_count] = {};
    for (const group& one : groups_) is_asked[index(one.which)] = true;
    tables_->has_uid = is_asked[index(field_group::uid)];
    tables_->has_rest = is_asked[index(field_group::rest)];
    for (std::size_t i = index(field_group::shorts) + 1; i < field_group_count; ++i)
      tables_->has_lone = tables_->has_lone || is_asked[i];
    const bool is_single = plan.size() == 1 && plan[0].clusters.size() == 1;
    if (is_single) {
      // Only what follows a rule that leads on looks at rows then.
      const bool leads_on = any_of(rules_->rules, [&](const flat_rule& one) { return goes_on(one); });
      if (!tables_->has_lone && plan[0].most_rules <= most_joined_rules && make_joins() && !leads_on) return true;
    } else {
      for (group& one : groups_) narrow(one);
    }
    // What nothing is asked of has one class, which fits all.
    for (std::uint32_t i = index(field_group::uid); i < field_group_count; ++i) {
      if (is_asked[i]) continue;
      group made{static_cast<field_group>(i)};
      made.classes = class_without_demands();
      made.class_of.push_back(0);
      groups_.push_back(std::move(made));
    }
    for (const rule_share& one : plan) {
      if (!make_share(one)) return false;
      tables_->asks_all = tables_->asks_all || tables_->has_lone || tables_->shares.back().blocks > 2;
    }
    return true;
  }

  // Lookups find the classes of a group, no longer what leads to them, where those are fewer.
  constexpr void narrow(group& one) {
    if (one.class_of == each_itself(one.classes.count)) return;
    if (one.which == field_group::uid && tables_->uid_ranks.how == rank_index::kind::by_value) {
      for (std::uint16_t& each : tables_->uid_ranks.ranks) each = static_cast<std::uint16_t>(one.class_of[each]);
    } else if (one.which == field_group::uid || one.which == field_group::shorts) {
      sequence<std::uint16_t>& to = one.which == field_group::uid ? tables_->uid_classes : tables_->shorts_classes;
      for (const std::uint32_t each : one.class_of) to.push_back(static_cast<std::uint16_t>(each));
    } else {
      return;
    }
    one.class_of = each_itself(one.classes.count);
  }

  constexpr bool goes_on(const flat_rule& of) const {
    return rules_->results[of.result].what == flat_result::kind::goes_on;
  }

  // Tables that lead to the result by the classes of all groups, if they are small enough.
  constexpr bool make_joins() {
    if (rules_->results.size() >= joined_tables::leads_on) return false;
    const std::size_t words = (rules_->rules.size() + 63) / 64;
    sequence<joinable_group> joinable;
    const auto add = [&](field_group which, const class_set& classes) {
      joinable_group one{which, classes.count};
      one.rows.assign(classes.count * words, 0);
      for (std::uint32_t i = 0; i < classes.count; ++i)
        for (std::size_t rule = 0; rule < rules_->rules.size(); ++rule)
          if (classes.fits_demand(i, classes.demand_of[rule]))
            one.rows[i * words + rule / 64] |= std::uint64_t{1} << (rule % 64);
      joinable.push_back(std::move(one));
    };
    // Addresses are joined in any case: there have to be two.
    sequence<std::uint32_t> sources;
    sequence<std::uint32_t> destinations;
    const class_set source_classes = classes_of(source_, sources);
    const class_set destination_classes = classes_of(destination_, destinations);
    const auto is_small = [](const class_set& classes) {
      return classes.count != 0 && classes.count <= join_planner::most_classes;
    };
    if (!is_small(source_classes) || !is_small(destination_classes)) return false;
    for (const group& one : groups_)
      if (!is_small(one.classes)) return false;
    add(field_group::source, source_classes);
    add(field_group::destination, destination_classes);
    for (const group& one : groups_) add(one.which, one.classes);
    const join_planner plan(std::move(joinable), words, most_joined_bytes_);
    if (!plan.is_possible()) return false;
    for (group& one : groups_) narrow(one);
    joined_tables& made = tables_->joined;
    made.source_classes = add_classes(sources, source_classes.count);
    made.destination_classes = add_classes(destinations, destination_classes.count);
    plan.write(made, [&](std::size_t rule) {
      const flat_rule& of = rules_->rules[rule];
      return static_cast<std::uint16_t>(of.result | (goes_on(of) ? joined_tables::leads_on : 0));
    });
    return true;
  }
  constexpr std::uint32_t add_classes(const sequence<std::uint32_t>& by_piece, std::uint32_t count) {
    sequence<std::uint16_t>& to = tables_->joined.entries;
    if (by_piece.size() == count) return joined_tables::none;
    const auto begin = static_cast<std::uint32_t>(to.size());
    for (const std::uint32_t each : by_piece) to.push_back(static_cast<std::uint16_t>(each));
    return begin;
  }

  constexpr class_set class_without_demands() const {
    class_set made;
    made.demand_of.assign(rules_->rules.size(), 0);
    made.fits.push_back(1);
    return made;
  }

  constexpr bool make_share(const rule_share& from) {
    share_tables made;
    made.blocks = static_cast<std::uint32_t>(greater_of(std::size_t{1}, blocks_for(from.most_rules)));
    made.first_number = static_cast<std::uint32_t>(tables_->cluster_numbers.size());
    made.first_cluster = static_cast<std::uint32_t>(tables_->clusters.size());
    if (from.by != cluster_key::none && from.clusters.size() > 1) {
      made.key_group = index(from.by == cluster_key::source ? field_group::source : field_group::destination);
      tables_->cluster_numbers.append(from.cluster_of);
    }
    const std::size_t width = made.blocks * block_bits;
    for (const cluster& one : from.clusters) {
      cluster_tables tables;
      tables.first_rule = static_cast<std::uint32_t>(tables_->rules.size());
      tables_->clusters.append(&tables, 1);
      for (std::size_t i = 0; i <= width; ++i)
        tables_->rules.push_back(i < one.rules.size() ? one.rules[i] : lookup_tables<Address>::no_rule);
    }
    for (const field_group which : {field_group::source, field_group::destination})
      if (!add_addresses(from, made, which)) return false;
    for (const group& one : groups_)
      if (!add_group(from, made, one)) return false;
    tables_->shares.push_back(made);
    return tables_->bytes() <= most_bytes;
  }

  static constexpr void set_bit(sequence<std::uint64_t>& row, std::size_t bit) {
    row[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }

  constexpr std::uint32_t add_row(const sequence<std::uint64_t>& row) {
    const auto offset = static_cast<std::uint32_t>(tables_->rows.size() * sizeof(row_block));
    for (std::size_t i = 0; i < row.size(); i += block_bits / 64) {
      row_block block;
      for (std::size_t k = 0; k < block_bits / 64; ++k) block.words[k] = row[i + k];
      tables_->rows.append(&block, 1);
    }
    return offset;
  }

  // The rows of one share and group, cluster by cluster; each different one is kept once.
  class row_writer {
   public:
    constexpr row_writer(lookup_builder& owner, std::size_t words) : owner_(&owner), known_(words) {}
    constexpr std::uint32_t number_of(const sequence<std::uint64_t>& row) {
      const std::uint32_t number = known_.number_of(row.data());
      if (number == places_.size()) places_.push_back(owner_->add_row(row));
      return places_[number];
    }

   private:
    lookup_builder* owner_;
    distinct_rows known_;
    sequence<std::uint32_t> places_;
  };

  constexpr std::uint32_t& first_row(const share_tables& share, std::size_t cluster, field_group of) {
    return tables_->clusters[share.first_cluster + cluster].first_row[index(of)];
  }
  constexpr std::uint32_t next_row_offset() const { return static_cast<std::uint32_t>(tables_->row_offsets.size()); }

  // Where no cluster of a share asks anything of a group, all have the same row.
  constexpr void add_unasked(const rule_share& from, const share_tables& share, field_group which,
                             std::size_t classes) {
    for (std::size_t i = 0; i < from.clusters.size(); ++i) first_row(share, i, which) = next_row_offset();
    const sequence<std::uint64_t> ones(share.blocks * block_bits / 64, ~std::uint64_t{0});
    tables_->row_offsets.resize(tables_->row_offsets.size() + classes, add_row(ones));
  }

  constexpr bool add_addresses(const rule_share& from, const share_tables& share, field_group which) {
    const cut_dimension& pieces = which == field_group::source ? source_ : destination_;
    const bool is_key = share.key_group == index(which);
    const bool is_asked = any_of(from.clusters, [&](const cluster& one) {
      return any_of(one.rules, [&](std::uint32_t rule) { return pieces.demand_of[rule] != 0; });
    });
    const std::size_t count = pieces.starts.size();
    // The last cluster's bits are the only ones that `ones` may have beyond its rules: they lead to no rule.
    if (!is_asked) {
      add_unasked(from, share, which, count);
      return true;
    }
    if (!is_key && 4 * count * from.clusters.size() > most_bytes) return false;
    row_writer rows(*this, share.blocks * block_bits / 64);
    sequence<std::uint64_t> row;
    struct change {
      std::uint32_t piece;
      std::uint32_t bit;
      constexpr bool operator<(const change& other) const { return piece < other.piece; }
    };
    const std::uint32_t first = next_row_offset();
    std::uint32_t piece = 0;
    for (std::uint32_t number = 0; number < from.clusters.size(); ++number) {
      const cluster& one = from.clusters[number];
      first_row(share, number, which) = is_key ? first : next_row_offset();
      sequence<change> changes;
      for (std::uint32_t bit = 0; bit < one.rules.size(); ++bit)
        for (const range& asked : pieces.demands[pieces.demand_of[one.rules[bit]]]) {
          changes.push_back({static_cast<std::uint32_t>(asked.low), bit});
          changes.push_back({static_cast<std::uint32_t>(asked.high) + 1, bit});
        }
      sort(changes);
      row.assign(share.blocks * block_bits / 64, 0);
      if (!is_key) piece = 0;
      std::size_t next = 0;
      bool changed = true;
      std::uint32_t known = 0;
      for (; piece < count && (!is_key || from.cluster_of[piece] == number); ++piece) {
        for (; next < changes.size() && changes[next].piece <= piece; ++next) {
          row[changes[next].bit / 64] ^= std::uint64_t{1} << (changes[next].bit % 64);
          changed = true;
        }
        if (changed) known = rows.number_of(row);
        changed = false;
        tables_->row_offsets.push_back(known);
      }
      if (tables_->bytes() > most_bytes) return false;
    }
    return true;
  }

  constexpr bool add_group(const rule_share& from, const share_tables& share, const group& of) {
    const bool is_asked = any_of(from.clusters, [&](const cluster& one) {
      return any_of(one.rules, [&](std::uint32_t rule) { return asks(of.classes, rule); });
    });
    if (!is_asked) {
      add_unasked(from, share, of.which, of.class_of.size());
      return true;
    }
    row_writer rows(*this, share.blocks * block_bits / 64);
    sequence<std::uint64_t> row;
    sequence<std::uint32_t> row_of_class(of.classes.count);
    for (std::size_t number = 0; number < from.clusters.size(); ++number) {
      const cluster& one = from.clusters[number];
      first_row(share, number, of.which) = next_row_offset();
      for (std::uint32_t which = 0; which < of.classes.count; ++which) {
        row.assign(share.blocks * block_bits / 64, 0);
        for (std::uint32_t bit = 0; bit < one.rules.size(); ++bit)
          if (of.classes.fits_demand(which, of.classes.demand_of[one.rules[bit]])) set_bit(row, bit);
        row_of_class[which] = rows.number_of(row);
      }
      for (const std::uint32_t which : of.class_of) tables_->row_offsets.push_back(row_of_class[which]);
      if (tables_->bytes() > most_bytes) return false;
    }
    return true;
  }

  // Whether some class does not fit what a rule asks.
  static constexpr bool asks(const class_set& classes, std::uint32_t rule) {
    for (std::uint32_t one = 0; one < classes.count; ++one)
      if (!classes.fits_demand(one, classes.demand_of[rule])) return true;
    return false;
  }

  flat_rules* rules_;
  const dimensions* known_;
  std::size_t most_joined_bytes_;
  lookup_tables<Address>* tables_ = nullptr;
  rest_classes* rest_ = nullptr;
  sequence<sequence<std::uint32_t>> of_part_;
  sequence<group> groups_;
  cut_dimension source_;
  cut_dimension destination_;
};

}  // namespace cordon::detail
