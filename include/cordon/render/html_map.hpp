// The map of what leaks, as a table: readable with colours and without, by eye and by ear.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/text.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/render/html_text.hpp>
#include <cordon/render/html_writer.hpp>
#include <cordon/render/leak_map.hpp>
#include <cordon/render/proof_findings.hpp>

namespace cordon::detail {

/// What a cell of the map shows.
enum class map_word : std::uint8_t { leaks, some, both, open, closed, stopped, unknown };

constexpr std::string_view name_of(map_word of) {
  constexpr std::string_view names[] = {"leak", "some", "both", "open", "closed", "-", "?"};
  return names[static_cast<unsigned>(of)];
}
constexpr std::string_view class_of(map_word of) {
  constexpr std::string_view names[] = {"leaks", "part", "both", "open", "shut", "none", "none"};
  return names[static_cast<unsigned>(of)];
}
constexpr std::string_view meaning_of(map_word of) {
  constexpr std::string_view words[] = {"packets get out that the policy forbids",
                                        "some of these addresses, ports or protocols leak",
                                        "allowed, and yet some packets there leak",
                                        "allowed, and open",
                                        "allowed, but not open, or only in part",
                                        "nothing gets out that the policy forbids",
                                        "not known to leak"};
  return words[static_cast<unsigned>(of)];
}

inline constexpr std::size_t most_outlines = 6;

/// Which words stand in some maps.
using map_words = std::uint32_t;

/// What the words that stand in maps mean.
constexpr void write_key(html_writer& page, map_words used) {
  page.open("ul").with("class", "key");
  for (unsigned i = 0; i <= static_cast<unsigned>(map_word::unknown); ++i) {
    const auto one = static_cast<map_word>(i);
    if ((used >> i & 1U) != 0)
      page.open("li").element("span", class_of(one), name_of(one)).words(meaning_of(one)).close();
  }
  page.close();
}

class html_map {
 public:
  /// `leaks_before`: how many leaks have come before those of this family; `linked`: to how many of all the page can lead.
  constexpr html_map(html_writer& page, const proof& of, family in, std::size_t leaks_before, std::size_t linked)
      : page_(&page), proof_(&of), map_(map_of(of, in)), leaks_before_(leaks_before), linked_(linked) {}

  /// Which words stand in it comes out.
  constexpr map_words write() {
    const text id = join("map-", name_of(map_.family));
    page_->open("div").open("h3").with("id", id).words(join("To addresses of ", title_of(map_.family))).close();
    page_->open("section").with("class", "scroll").with("tabindex", "0").with("aria-labelledby", id);
    page_->open("table").with("class", "map").with("aria-labelledby", id);
    write_head();
    page_->open("tbody");
    for (std::size_t row = 0; row < map_.addresses.size(); ++row) write_row(row);
    page_->close().close().close();
    if (map_.is_coarse)
      page_->element(
          "p", "soft",
          "There is more detail than there is room for: some rows and columns tell of several stretches together.");
    write_outlines();
    page_->close();
    return used_;
  }

 private:
  // A cell says nothing of interfaces, states and the like: what leaks there may ask for them.
  constexpr void write_outlines() {
    const sequence<leak>& leaks = proof_->of(map_.family).leaks;
    if (leaks.empty()) return;
    page_->open("ul").with("class", "soft");
    for (std::size_t i = 0; i < leaks.size() && i < most_outlines; ++i) {
      const std::size_t number = leaks_before_ + i + 1;
      page_->open("li");
      if (number <= linked_)
        page_->open("a").with("href", join("#leak-", decimal(number))).words(join("Leak ", decimal(number))).close();
      else
        page_->words(join("Leak ", decimal(number)));
      page_->words(join(": ", clipped(region_in_short(leaks[i])))).close();
    }
    if (leaks.size() > most_outlines)
      page_->element("li", join("... and ", decimal(leaks.size() - most_outlines), " more leaks"));
    page_->close();
  }

  constexpr void write_head() {
    page_->open("thead").open("tr").with("class", "of-group");
    page_->open("th").with("scope", "col").with("rowspan", "2").words("to").close();
    for (const map_group& one : map_.groups)
      page_->open("th").with("scope", "colgroup").with("colspan", one.columns.size()).words(one.name).close();
    page_->close();
    page_->open("tr").with("class", "ports");
    for (const map_group& one : map_.groups)
      for (const map_column& each : one.columns)
        page_->open("th")
            .with("scope", "col")
            .element("span", one.name == "others" ? text("any") : ports_in_words(each))
            .close();
    page_->close().close();
  }

  constexpr void write_row(std::size_t row) {
    page_->open("tr");
    page_->open("th").with("scope", "row").words(addresses_in_words(map_.addresses[row], map_.family)).close();
    for (const map_cell& one : map_.cells[row]) write_cell(one);
    page_->close();
  }

  constexpr map_word word_of(const map_cell& of) const {
    if (of.leaks != 0) return of.endpoint != 0 ? map_word::both : of.leaks_in_part ? map_word::some : map_word::leaks;
    if (of.endpoint == 0) return map_.rest_does_not_leak ? map_word::stopped : map_word::unknown;
    const bool is_open = !of.allowed_in_part && proof_->endpoints[of.endpoint - 1].status == endpoint_status::open;
    return is_open ? map_word::open : map_word::closed;
  }

  constexpr void write_cell(const map_cell& of) {
    const map_word word = word_of(of);
    used_ |= map_words{1} << static_cast<unsigned>(word);
    text classes = class_of(word);
    text told;
    std::size_t first = 0;
    for (std::size_t i = 0; i < 64; ++i) {
      if ((of.leaks >> i & 1U) == 0) continue;
      const std::size_t leak = leaks_before_ + i + 1;
      if (first == 0) first = leak;
      told.append(told.empty() ? "Leak " : ", ").append_number(leak);
      if (leak <= linked_) classes.append(" of-leak-").append_number(leak);
    }
    page_->open("td").with("class", classes);
    if (first != 0 && first <= linked_)
      page_->open("a").with("href", join("#leak-", decimal(first))).with("title", told).words(name_of(word)).close();
    else
      page_->words(name_of(word));
    page_->close();
  }

  html_writer* page_;
  const proof* proof_;
  leak_map map_;
  std::size_t leaks_before_;
  std::size_t linked_;
  map_words used_ = 0;
};

}  // namespace cordon::detail
