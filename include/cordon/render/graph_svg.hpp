// A graph of chains as SVG: each chain a box with a line for each rule, jumps as arrows. What never decides is grey and
// struck through, the way of a leak red and marked, so that it can be told without colours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/algorithm.hpp>
#include <cordon/base/contract.hpp>
#include <cordon/base/text.hpp>
#include <cordon/render/graph.hpp>
#include <cordon/render/graph_layout.hpp>
#include <cordon/render/html_writer.hpp>

namespace cordon {

namespace detail {

/// The style of a graph, in the colours of `page_colours`.
inline constexpr std::string_view graph_style =
    ".graph{font:12px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace}\n"
    ".graph text{fill:var(--ink);white-space:pre}\n"
    ".graph .box{fill:var(--card);stroke:var(--line);stroke-width:1.2}\n"
    ".graph .title{font-weight:700}\n"
    ".graph .rule-line{stroke:var(--line)}\n"
    ".graph path{fill:none;stroke:var(--soft);stroke-width:1.4}\n"
    ".graph .arrow{fill:var(--soft);stroke:none}\n"
    ".graph .next{stroke-dasharray:4 4}\n"
    ".graph .dead text,.graph text.dead{fill:var(--dead);text-decoration:line-through}\n"
    ".graph path.dead{stroke:var(--dead)}.graph .arrow.dead{fill:var(--dead)}\n"
    ".graph .leaks .box{stroke:var(--bad);stroke-width:2}\n"
    ".graph text.leaks{fill:var(--bad);font-weight:700}\n"
    ".graph .band{fill:var(--bad-soft)}\n"
    ".graph path.leaks{stroke:var(--bad);stroke-width:2.2}.graph .arrow.leaks{fill:var(--bad)}\n";

/// The colours of all that is drawn, by day and by night.
inline constexpr std::string_view page_colours =
    ":root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#1a1f26;--soft:#56606e;--line:#d3d8df;--dead:#6d7480;"
    "--bad:#b3141e;--bad-soft:#fde8e8;--good:#0d6b3a;--good-soft:#dff3e6;--odd:#7a4d00;--odd-soft:#fdf0d2;--link:#0b57a4}\n"
    "@media (prefers-color-scheme:dark){:root{--paper:#12151a;--card:#1b2027;--ink:#e8ebef;--soft:#a5afbc;--line:#39414d;"
    "--dead:#8b95a3;--bad:#ff8b86;--bad-soft:#46191c;--good:#74d6a0;--good-soft:#143524;--odd:#f0bd62;--odd-soft:#3d2e10;"
    "--link:#8fc1ff}}\n"
    "@media print{:root{color-scheme:light;--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--dead:#6d7480;"
    "--bad:#b3141e;--bad-soft:#fde8e8;--good:#0d6b3a;--good-soft:#dff3e6;--odd:#7a4d00;--odd-soft:#fdf0d2;--link:#000}}\n";

constexpr std::string_view class_of(graph_mark of) {
  return of == graph_mark::leaks ? "leaks" : of == graph_mark::dead ? "dead" : "plain";
}

class graph_drawer {
 public:
  /// `leaks_before`: how many leaks have come before those of this family; `linked`: to the places of how many leaks the
  /// page can lead.
  constexpr graph_drawer(html_writer& page, const chain_graph& of, family in, std::size_t leaks_before,
                         std::size_t linked)
      : page_(&page),
        graph_(&of),
        layout_(layout_of(of, in)),
        family_(in),
        leaks_before_(leaks_before),
        linked_(linked) {}

  constexpr const graph_layout& layout() const { return layout_; }

  /// Draws an `svg` element, within another one at `y`.
  constexpr void draw(std::size_t y = 0) {
    const text id = join("graph-", name_of(family_));
    page_->open("svg").with("xmlns", "http://www.w3.org/2000/svg").with("class", "graph").with("role", "group");
    if (y != 0) page_->with("y", y);
    page_->with("width", layout_.width).with("height", layout_.height);
    page_->with("viewBox", join("0 0 ", decimal(layout_.width), " ", decimal(layout_.height)));
    page_->with("aria-labelledby", join(id, "-title ", id, "-description"));
    page_->open("title").with("id", join(id, "-title")).words(join("The chains of ", title_of(family_))).close();
    page_->open("desc").with("id", join(id, "-description"));
    page_->words(
        "Each box is a chain, each line in it a rule; arrows lead from a rule to the chain that it jumps to. Rules that "
        "never "
        "decide are struck through; those on the way of a leak are bold, with a mark before them.");
    page_->close();
    for (const placed_edge& one : layout_.edges) draw_edge(one);
    for (const placed_chain& one : layout_.chains) draw_chain(one);
    page_->close();
  }

 private:
  constexpr void draw_edge(const placed_edge& of) {
    const graph_edge& edge = graph_->edges[of.edge];
    const text classes = join(class_of(edge.mark), edge.words.empty() ? " next" : " jump");
    text path;
    const auto at = [&](char what, std::size_t x, std::size_t y) {
      path.append(what).append_number(x).append(' ').append_number(y);
    };
    // To the next table it goes from below the box.
    const bool is_next = edge.words.empty();
    for (const std::size_t y : of.from_y) {
      at('M', of.from_x + (is_next ? 14 : 0), y);
      if (is_next) path.append("v8");
      path.append('H').append_number(of.lane_x);
    }
    at('M', of.lane_x, of.from_y.front() + (is_next ? 8 : 0));
    path.append('V').append_number(of.to_y).append('H').append_number(of.to_x - 6);
    page_->open("path").with("class", classes).with("d", path);
    page_->element("title", edge.words.empty() ? text("then the next table") : join("by rule ", edge.words));
    page_->close();
    text arrow;
    arrow.append('M').append_number(of.to_x).append(' ').append_number(of.to_y).append("l-8 -4v8z");
    page_->open("path").with("class", join("arrow ", class_of(edge.mark))).with("d", arrow).close();
  }

  constexpr void draw_chain(const placed_chain& of) {
    const graph_chain& chain = graph_->chains[of.chain];
    page_->open("g").with("class", join("chain ", class_of(chain.mark)));
    page_->open("rect")
        .with("class", "box")
        .with("x", of.x)
        .with("y", of.y)
        .with("width", of.width)
        .with("height", of.height);
    page_->with("rx", std::size_t{5}).close();
    draw_words(of.x + padding_of_a_chain, of.title_y(), "title", chain.name);
    page_->open("path")
        .with("class", "rule-line")
        .with("d", join("M", decimal(of.x), " ", decimal(of.y + title_height - 2), "h", decimal(of.width)))
        .close();
    for (std::size_t i = 0; i < chain.lines.size(); ++i) {
      const graph_line& line = chain.lines[i];
      const std::size_t leak = line.leak == 0 ? 0 : leaks_before_ + line.leak;
      const bool is_linked = leak != 0 && leak <= linked_;
      if (is_linked) page_->open("a").with("href", join("#leak-", decimal(leak)));
      if (line.mark == graph_mark::leaks) {
        page_->open("rect").with("class", leak == 0 ? text("band") : join("band of-leak-", decimal(leak)));
        page_->with("x", of.x + 2)
            .with("y", of.line_y(i) - line_height / 2)
            .with("width", of.width - 4)
            .with("height", line_height)
            .close();
        page_->open("path")
            .with("class", "arrow leaks")
            .with("d", join("M", decimal(of.x + 2), " ", decimal(of.line_y(i) - 5), "v10l5 -5z"))
            .close();
      }
      draw_words(of.x + padding_of_a_chain, of.line_y(i), class_of(line.mark), line.words);
      if (is_linked) page_->close();
    }
    page_->close();
  }

  constexpr void draw_words(std::size_t x, std::size_t middle, std::string_view of_class, std::string_view words) {
    page_->open("text").with("x", x).with("y", middle + 4).with("class", of_class).words(words).close();
  }

  html_writer* page_;
  const chain_graph* graph_;
  graph_layout layout_;
  family family_;
  std::size_t leaks_before_;
  std::size_t linked_;
};

/// A style with the colours of the day in the places of their names: what draws a picture alone may not know names.
constexpr text in_plain_colours(std::string_view style) {
  constexpr std::string_view begins = "var(";
  text out;
  while (!style.empty()) {
    const std::size_t at = style.find(begins);
    if (at == std::string_view::npos) return out.append(style);
    out.append(style.substr(0, at));
    const std::size_t end = style.find(')', at);
    const std::size_t defined =
        page_colours.find(join(style.substr(at + begins.size(), end - at - begins.size()), ":").view());
    require(defined != std::string_view::npos, "every colour of a style is one of the page");
    const std::size_t value = page_colours.find(':', defined) + 1;
    out.append(page_colours.substr(value, page_colours.find_first_of(";}", value) - value));
    style.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace detail

/// The graph as a picture that stands alone, both families below each other. No more room is taken than `graph_of` allows.
constexpr text write_svg(const chain_graph& of) {
  html_writer drawn;
  std::size_t width = 0;
  std::size_t height = 0;
  for (const family in : both_families) {
    detail::graph_drawer one(drawn, of, in, 0, 0);
    if (one.layout().chains.empty()) continue;
    height += 24;
    drawn.open("text")
        .with("x", std::size_t{4})
        .with("y", height - 8)
        .with("class", "title")
        .words(title_of(in))
        .close();
    one.draw(height);
    width = detail::greater_of(width, one.layout().width);
    height += one.layout().height + 12;
  }
  html_writer page;
  page.open("svg")
      .with("xmlns", "http://www.w3.org/2000/svg")
      .with("class", "graph")
      .with("width", width)
      .with("height", height);
  page.with("viewBox", join("0 0 ", decimal(width), " ", decimal(height)));
  page.open("style").markup(detail::in_plain_colours(detail::graph_style)).close();
  page.markup(std::move(drawn).finish());
  page.close();
  return std::move(page).finish();
}

}  // namespace cordon
