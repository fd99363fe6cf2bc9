// A proof as one page of HTML, for people who were not there: the verdict and what it covers, what is reached, each leak
// with the packet that shows it and the rules on its way, and the chains as a graph. The page fetches nothing, runs nothing,
// and says so itself (Content-Security-Policy): what rules hold, comments of an attacker's included, is only ever words on
// it. Its size is bounded, whatever the size of the rules: what is left out is counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/maybe.hpp>
#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/render/coverage.hpp>
#include <cordon/render/graph.hpp>
#include <cordon/render/graph_svg.hpp>
#include <cordon/render/html_leak.hpp>
#include <cordon/render/html_map.hpp>
#include <cordon/render/html_style.hpp>
#include <cordon/render/html_writer.hpp>
#include <cordon/render/places.hpp>
#include <cordon/render/proof_findings.hpp>
#include <cordon/render/region.hpp>
#include <cordon/render/report.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/program.hpp>
#include <cordon/version.hpp>

namespace cordon {

namespace detail {

inline constexpr std::size_t most_leaks_told = 16;  // each with its region and its way
inline constexpr std::size_t most_leaks_listed = 100;
inline constexpr std::size_t most_doubts_listed = 50;
inline constexpr std::size_t most_notes_listed = 50;

class html_page {
 public:
  constexpr html_page(const proof& of, const report_options& options, const sequence<text>& notes)
      : proof_(&of), options_(options), notes_(&notes) {}

  constexpr text write() {
    page_.markup("<!DOCTYPE html>\n");
    page_.open("html").with("lang", "en");
    write_head();
    page_.open("body");
    page_.open("a").with("class", "skip").with("href", "#main").words("To the answer").close();
    page_.open("div").with("class", "page");
    write_header();
    page_.open("main").with("id", "main");
    part("scope", "What this covers", [&] { write_scope(); });
    part("reached", "What is reached", [&] { write_reached(); });
    if (!proof_->is_empty()) part("map", "The map", [&] { write_maps(); });
    if (leak_count() != 0) part("leaks", "Each leak", [&] { write_leaks(); });
    if (doubt_count() != 0) part("doubts", "What the answer hangs on", [&] { write_doubts(); });
    if (!proof_->is_empty()) part("chains", "The chains", [&] { write_graph(); });
    if (!notes_->empty()) part("notes", "Notes on the rules", [&] { write_notes(); });
    page_.close();
    page_.open("footer")
        .words(join("Written by cordon ", version, ". This page fetches nothing and runs nothing."))
        .close();
    page_.close().close().close();
    return std::move(page_).finish();
  }

 private:
  // --- the head of the page ---------------------------------------------------------------------------------------------

  constexpr answer verdict() const { return reported_verdict(*proof_, options_); }

  constexpr void write_head() {
    page_.open("head");
    page_.open("meta").with("charset", "utf-8").close();
    page_.open("meta").with("http-equiv", "Content-Security-Policy");
    page_.with("content", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'").close();
    page_.open("meta").with("name", "viewport").with("content", "width=device-width, initial-scale=1").close();
    page_.open("meta").with("name", "referrer").with("content", "no-referrer").close();
    page_.element("title", join("cordon: ", name_of(verdict()), ", ", owner_in_words(proof_->policy)));
    page_.open("style").markup("\n").markup(page_colours).markup(page_style).markup(graph_style);
    // A leak that is chosen is marked wherever it is drawn.
    for (std::size_t i = 1; i <= told_leaks(); ++i) {
      const text number = decimal(i);
      page_.markup(join("body:has(#leak-", number, ":target) td.of-leak-", number,
                        "{outline:3px solid var(--link);outline-offset:-1px}\n"));
      page_.markup(
          join("body:has(#leak-", number, ":target) rect.of-leak-", number, "{stroke:var(--link);stroke-width:3}\n"));
    }
    page_.close().close();
  }

  constexpr void write_header() {
    page_.open("header").with("class", join("verdict is-", name_of(verdict())));
    page_.open("h1").element("span", "badge", join(mark_of(verdict()), " ", name_of(verdict())));
    page_.element("span", "says", join(answer_in_words(*proof_, options_), ".")).close();
    page_.open("ul").with("class", "families");
    for (const family in : both_families) {
      text line;
      append_family(line, proof_->of(in), options_.rules);
      page_.element("li", clipped(line));
    }
    page_.close();
    page_.close();
    page_.open("nav").with("aria-label", "Parts of this page").open("ul");
    const auto entry = [&](std::string_view id, std::string_view words) {
      page_.open("li").open("a").with("href", join("#", id)).words(words).close().close();
    };
    entry("scope", "What this covers");
    entry("reached", "What is reached");
    if (!proof_->is_empty()) entry("map", "The map");
    if (leak_count() != 0) entry("leaks", "Each leak");
    if (doubt_count() != 0) entry("doubts", "What the answer hangs on");
    if (!proof_->is_empty()) entry("chains", "The chains");
    if (!notes_->empty()) entry("notes", "Notes");
    page_.close().close();
  }

  static constexpr std::string_view mark_of(answer of) {
    return of == answer::proved ? "\xe2\x9c\x93" : of == answer::leak ? "\xe2\x9c\x97" : "?";
  }

  template <class Write>
  constexpr void part(std::string_view id, std::string_view title, const Write& write) {
    page_.open("section").with("class", "part").with("id", id).with("aria-labelledby", join(id, "-heading"));
    page_.open("h2").with("id", join(id, "-heading")).words(title).close();
    write();
    page_.close();
  }

  // --- what it covers ---------------------------------------------------------------------------------------------------

  constexpr void member(std::string_view name, std::string_view words) {
    page_.element("dt", name);
    page_.element("dd", words);
  }

  constexpr void write_scope() {
    const egress_policy& policy = proof_->policy;
    const bool is_output = policy.at == hook::output;
    page_.open("div").with("class", "columns");
    page_.open("div").open("dl");
    member("Packets", is_output ? join("all that sockets of ", owner_in_words(policy),
                                       " send: every protocol, address, port, flag, length and interface")
                                : join("all that come through ", owner_in_words(policy), " from other machines"));
    member("May reach", policy.size() == 0 ? text("nothing")
                                           : join(decimal(policy.size()),
                                                  policy.size() == 1 ? " endpoint" : " endpoints", ", listed below"));
    if (is_output)
      member("Attacker",
             policy.attacker == attacker::raw
                 ? "raw: may set any mark and write any bytes (CAP_NET_RAW, CAP_NET_ADMIN)"
                 : "unprivileged: chooses everything but its owner, the mark (0) and the connection's state");
    member("Connections", policy.flows == flows::any
                              ? "all packets count, those of connections that were open before the rules too"
                              : "ESTABLISHED and RELATED packets are left out (--flows new)");
    write_assumed();
    page_.close().close();
    page_.open("div").element("h3", "Not judged");
    page_.open("ul");
    for (const text& one : not_judged(policy)) page_.element("li", one);
    if (is_output) {
      page_.element(
          "li", policy.attacker == attacker::raw
                    ? "AF_PACKET: with CAP_NET_RAW it can also write below iptables, which no rule sees"
                    : "AF_PACKET: whoever has CAP_NET_RAW writes below iptables; the sandbox is taken not to have it");
      page_.element("li", "pipes, files and shared memory: what never becomes a packet");
    }
    page_.element("li",
                  policy.flows == flows::any
                      ? "that rules loaded later do not cut what is open: a leak that needs an open connection says so"
                      : "connections that are open: they keep what they have");
    page_.element("li",
                  join("what becomes of packets behind ", name_of(policy.at), ": such rules are noted, not judged"));
    page_.close().close().close();
  }

  constexpr void write_assumed() {
    text assumed;
    const auto add = [&](std::string_view words) { assumed.append(assumed.empty() ? "" : "; ").append(words); };
    for (const family in : both_families)
      if (proof_->of(in).answer == answer::absent) add(join("the host has no ", title_of(in)));
    if (options_.rules != nullptr) {
      const host_facts& host = options_.rules->host;
      if (host.without_ipsec) add("there is no IPsec policy");
      if (host.addresses) add("the host's addresses are those that were told");
      if (!host.sets.empty())
        add(join(decimal(host.sets.size()), host.sets.size() == 1 ? " set holds" : " sets hold",
                 " what was read then"));
    }
    if (!assumed.empty()) member("Taken for true", assumed);
  }

  // --- what is reached --------------------------------------------------------------------------------------------------

  constexpr std::size_t leak_count() const { return proof_->v4.leaks.size() + proof_->v6.leaks.size(); }
  constexpr std::size_t doubt_count() const {
    return proof_->v4.doubts.size() + proof_->v6.doubts.size() + (proof_->v4.too_large || proof_->v6.too_large ? 1 : 0);
  }
  constexpr std::size_t told_leaks() const { return smaller_of(leak_count(), most_leaks_told); }

  constexpr void write_reached() {
    if (proof_->endpoints.empty()) {
      page_.element("p", "The policy allows nothing.");
    } else {
      page_.open("section").with("class", "scroll").with("tabindex", "0").with("aria-labelledby", "allowed-caption");
      page_.open("table").open("caption").with("id", "allowed-caption").words("Allowed, for a plain client").close();
      const bool has_remarks = any_of(
          proof_->endpoints, [](const endpoint_answer& one) { return one.replies_blocked || !one.blocked.empty(); });
      page_.open("thead").open("tr");
      for (const std::string_view one : {"endpoint", "is", "remarks"})
        if (has_remarks || one != "remarks") page_.open("th").with("scope", "col").words(one).close();
      page_.close().close();
      page_.open("tbody");
      for (const endpoint_answer& one : proof_->endpoints) write_endpoint(one, has_remarks);
      page_.close().close().close();
    }
    if (leak_count() == 0) {
      page_.element("p", proof_->verdict() == answer::unknown
                             ? "No packet is known to leak; whether one does hangs on what stands below."
                             : "Nothing leaks.");
      return;
    }
    page_.element("h3", "Leaks");
    page_.open("ol").with("class", "leaks");
    std::size_t number = 0;
    for (const family in : both_families)
      for (const leak& one : proof_->of(in).leaks)
        if (++number <= most_leaks_listed) write_leak_entry(one, number, proof_->of(in).has_rules);
    page_.close();
    if (number > most_leaks_listed)
      page_.element("p",
                    join("... and ", decimal(number - most_leaks_listed), " more leaks: --format json tells all."));
  }

  constexpr void write_endpoint(const endpoint_answer& one, bool has_remarks) {
    const bool is_open = one.status == endpoint_status::open;
    page_.open("tr").open("th").with("scope", "row").element("code", name_of(one.to)).close();
    page_.open("td")
        .element("span", is_open ? "chip good" : "chip odd",
                 one.status == endpoint_status::blocked ? "closed" : name_of(one.status))
        .close();
    if (!has_remarks) {
      page_.close();
      return;
    }
    page_.open("td");
    if (one.replies_blocked) page_.words("a server's answers from there are stopped");
    if (!one.blocked.empty()) {
      page_.open("details").element("summary", join("what does not get there, ", decimal(one.blocked.size()),
                                                    one.blocked.size() == 1 ? " part" : " parts"));
      page_.open("ul");
      for (std::size_t i = 0; i < one.blocked.size() && i < 8; ++i)
        page_.element("li", clipped(cordon::to_text(one.blocked[i])));
      if (one.blocked.size() > 8) page_.element("li", join("... and ", decimal(one.blocked.size() - 8), " more"));
      page_.close().close();
    }
    page_.close().close();
  }

  constexpr void write_leak_entry(const leak& one, std::size_t number, bool has_rules) {
    const text name = join("Leak ", decimal(number));
    page_.open("li");
    if (number <= told_leaks())
      page_.open("a").with("href", join("#leak-", decimal(number))).words(name).close();
    else
      page_.element("b", name);
    page_.open("div").words(join(title_of(one.blame.family), ", ",
                                 has_rules ? place_in_words(one.blame) : text("which has no rules"), " "));
    if (one.blame.line != 0) page_.element("code", clipped(join(one.blame.file, ":", decimal(one.blame.line))));
    page_.open("br").close().words(join("lets out ", clipped(region_in_short(one))));
    if (one.needs != leak_need::nothing) page_.words(join("; ", needs_in_words(one.needs)));
    page_.open("br").close().words("for instance ").element("code", packet_in_short(one.witness)).close();
    page_.close();
  }

  // "tcp 127.0.0.1:80".
  static constexpr text packet_in_short(const packet& of) {
    text out = join(cordon::to_text(of.protocol), " ");
    const bool v6 = of.family == family::ipv6;
    const bool has_port = has_ports(of.protocol) && of.transport == transport_part::whole;
    out.append(v6 && has_port ? "[" : "")
        .append(cordon::to_text(of.destination_address()))
        .append(v6 && has_port ? "]" : "");
    if (has_port) out.append(':').append_number(of.second_word);
    return out.append(" by ").append(of.out.empty() ? of.in : of.out);
  }

  // --- the pictures -----------------------------------------------------------------------------------------------------

  constexpr void write_maps() {
    page_.element(
        "p", "soft",
        "Addresses downwards, protocols and ports to the right, as packets are sent, before nat. Neither axis is to scale: "
        "it is cut where something changes. A cell that leaks leads to the leak.");
    page_.open("div").with("class", "maps");
    map_words used = 0;
    std::size_t before = 0;
    for (const family in : both_families) {
      if (proof_->of(in).answer != answer::absent) used |= html_map(page_, *proof_, in, before, told_leaks()).write();
      before += proof_->of(in).leaks.size();
    }
    page_.close();
    write_key(page_, used);
  }

  constexpr void write_graph() {
    if (options_.rules == nullptr) {
      page_.element("p", "The rules were not handed over with the answer, so their chains are not drawn.");
      return;
    }
    page_.element(
        "p", "soft",
        "Rules that never decide are struck through; those on the way of a leak are bold, with a mark before them, "
        "and lead to the leak.");
    const chain_graph graph = graph_of(*options_.rules, proof_);
    std::size_t before = 0;
    for (const family in : both_families) {
      if (proof_->of(in).answer != answer::absent) {
        const text id = join("chains-", name_of(in));
        page_.open("h3").with("id", id).words(title_of(in)).close();
        page_.open("section").with("class", "scroll").with("tabindex", "0").with("aria-labelledby", id);
        graph_drawer(page_, graph, in, before, told_leaks()).draw();
        page_.close();
      }
      before += proof_->of(in).leaks.size();
    }
  }

  // --- the rest ---------------------------------------------------------------------------------------------------------

  constexpr void write_leaks() {
    std::size_t number = 0;
    for (const family in : both_families) {
      const family_proof& here = proof_->of(in);
      if (here.leaks.empty() || number >= told_leaks()) continue;
      program compiled;
      if (options_.rules != nullptr) compiled = compile(*options_.rules, in, proof_->policy.at);
      for (const leak& one : here.leaks)
        if (number < told_leaks()) html_leak(page_, one, ++number).write(here.has_rules, options_.rules, &compiled);
    }
    if (leak_count() > told_leaks())
      page_.element("p", join("... and ", decimal(leak_count() - told_leaks()),
                              " more leaks, which are not told in full here: --format json tells all."));
  }

  constexpr void write_doubts() {
    for (const family in : both_families)
      if (proof_->of(in).too_large)
        page_.element("p", join(title_of(in), ": the question outgrew the bounds of the prover, and not all is told."));
    page_.element(
        "p",
        "No packet decides these, and they may be true or false. The answer holds whichever they are, or says "
        "that it is unknown.");
    page_.open("ul");
    std::size_t count = 0;
    for (const family in : both_families)
      for (const doubt& one : proof_->of(in).doubts) {
        if (++count > most_doubts_listed) continue;
        page_.open("li")
            .element("code", clipped(one.match))
            .words(join(" in ", place_in_words(one.at), ", ", title_of(in)));
        if (!one.at.written.empty()) page_.open("br").close().element("code", clipped(source_in_words(one.at)));
        page_.close();
      }
    if (count > most_doubts_listed) page_.element("li", join("... and ", decimal(count - most_doubts_listed), " more"));
    page_.close();
  }

  constexpr void write_notes() {
    page_.open("ul");
    for (std::size_t i = 0; i < notes_->size() && i < most_notes_listed; ++i)
      page_.element("li", clipped((*notes_)[i]));
    if (notes_->size() > most_notes_listed)
      page_.element("li", join("... and ", decimal(notes_->size() - most_notes_listed), " more"));
    page_.close();
  }

  const proof* proof_;
  report_options options_;
  const sequence<text>* notes_;
  html_writer page_ = {};
};

}  // namespace detail

/// The proof as a page of HTML. `options.rules` are those that were judged: without them chains and ways are not shown.
/// `notes` are further remarks on the rules.
constexpr text write_html(const proof& of, const report_options& options = {}, const sequence<text>& notes = {}) {
  return detail::html_page(of, options, notes).write();
}

}  // namespace cordon
