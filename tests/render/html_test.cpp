#include <cordon/render/html.hpp>

#include <set>
#include <string>
#include <vector>

#include <cordon/prove/prove.hpp>
#include <cordon/testing/catch2.hpp>
#include <cordon/testing/rapidcheck.hpp>

#include "../prove/rules.hpp"

using namespace cordon;
using namespace cordon::test;

namespace {

const egress_policy may_use_its_proxy = sandbox(uid{1001}).may_reach(tcp, ipv4_address(127, 0, 0, 1), 18443);

std::string page_of(const firewall& live, const egress_policy& policy = may_use_its_proxy,
                    const sequence<text>& notes = {}) {
  return testing::shown(write_html(prove(live, policy), {.rules = &live}, notes));
}

bool page_has(const std::string& in, const std::string& words) { return in.find(words) != std::string::npos; }

// What is wrong with the elements of a page; empty if nothing: each closed in turn, ids unique, links within the page to
// what is there, nothing that fetches or runs.
std::string fault_of(const std::string& page) {
  if (!page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">")) return "no doctype";
  std::vector<std::string> open;
  std::set<std::string> ids;
  std::vector<std::string> led_to;
  std::size_t at = page.find('\n') + 1;
  while ((at = page.find('<', at)) != std::string::npos) {
    const std::size_t end = page.find('>', at);
    if (end == std::string::npos) return "a tag has no end";
    std::string tag = page.substr(at + 1, end - at - 1);
    at = end + 1;
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) return "not closed in turn: " + tag;
      open.pop_back();
      continue;
    }
    const std::string name = tag.substr(0, tag.find(' '));
    if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") != std::string::npos)
      return "no element: " + name;
    for (const std::string_view bad :
         {"script", "img", "iframe", "link", "object", "embed", "form", "base", "audio", "video", "use", "image"})
      if (name == bad) return "an element that fetches or runs: " + name;
    for (std::size_t next = name.size(); next < tag.size();) {
      const std::size_t equals = tag.find("=\"", next);
      if (equals == std::string::npos) return "no attribute: " + tag;
      const std::string attribute = tag.substr(next + 1, equals - next - 1);
      const std::size_t quote = tag.find('"', equals + 2);
      if (quote == std::string::npos) return "an attribute without end: " + tag;
      const std::string value = tag.substr(equals + 2, quote - equals - 2);
      next = quote + 1;
      if (attribute.starts_with("on") || attribute == "src" || attribute == "style")
        return "an attribute that runs or fetches: " + attribute;
      if (attribute == "id" && !ids.insert(value).second) return "twice: id " + value;
      if (attribute == "href") {
        if (!value.starts_with('#')) return "leads elsewhere: " + value;
        led_to.push_back(value.substr(1));
      }
      if (attribute.starts_with("aria-labelledby"))
        for (std::size_t from = 0; from <= value.size();) {
          const std::size_t blank = std::min(value.find(' ', from), value.size());
          led_to.push_back(value.substr(from, blank - from));
          from = blank + 1;
        }
    }
    if (name != "meta" && name != "br" && name != "col") open.push_back(name);
  }
  if (!open.empty()) return "not closed: " + open.back();
  for (const std::string& one : led_to)
    if (!ids.contains(one)) return "leads nowhere: " + one;
  return "";
}

}  // namespace

TEST_CASE("the test of pages finds what is wrong with one") {
  const std::string good = page_of(incident("before", backend::nft));
  REQUIRE(fault_of(good).empty());
  const auto with = [&](const std::string& before, const std::string& then) {
    std::string bad = good;
    bad.replace(bad.find(before), before.size(), then);
    return fault_of(bad);
  };
  CHECK(with("</section>", "") != "");
  CHECK(with("id=\"main\"", "id=\"scope\"") != "");
  CHECK(with("href=\"#leak-1\"", "href=\"#leak-9\"") != "");
  CHECK(with("href=\"#leak-1\"", "href=\"https://example.org\"") != "");
  CHECK(with("<main", "<script></script><main") != "");
  CHECK(with("<main", "<main onclick=\"f()\"") != "");
}

TEST_CASE("the page of the incident tells the verdict, what it covers, the ports, the leaks, the way and the chains") {
  const std::string page = page_of(incident("before", backend::nft));
  CHECK(fault_of(page).empty());
  CHECK(page_has(page, "<title>cordon: leak, uid 1001</title>"));
  CHECK(page_has(page, "<header class=\"verdict is-leak\">"));
  CHECK(page_has(page, "packets of uid 1001 get out that their policy forbids."));
  CHECK(page_has(page, "<li>IPv4 leak: filter (nft, rules)</li>"));
  CHECK(page_has(page, "<li>unix sockets</li>"));
  CHECK(page_has(page, "AF_PACKET: whoever has CAP_NET_RAW writes below iptables"));
  CHECK(page_has(page, "<code>tcp:127.0.0.1:18443</code></th>\n<td><span class=\"chip good\">open</span>"));
  CHECK(page_has(page, "<h3 id=\"leak-1-heading\">Leak 1: IPv4, let out by rule 2 of filter OUTPUT</h3>"));
  CHECK(page_has(page, "<h3 id=\"leak-2-heading\">Leak 2: IPv6, let out, for there are no rules</h3>"));
  CHECK(page_has(page, "<td class=\"leaks of-leak-1\"><a href=\"#leak-1\" title=\"Leak 1\">leak</a></td>"));
  CHECK(page_has(page, "<td class=\"open\">open</td>"));
  CHECK(page_has(page, "<tr class=\"decides\"><td>2</td>\n<td>-A OUTPUT -o lo"));
  CHECK(page_has(page, "<title id=\"graph-v4-title\">The chains of IPv4</title>"));
  CHECK(page_has(page, "class=\"leaks\">2  -o lo"));
  CHECK(page_has(
      page,
      "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri "
      "'none'; form-action 'none'\""));
}

TEST_CASE("a page for each kind of answer") {
  firewall closed = host_with(":OUTPUT DROP [0:0]\n-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 18443 -j ACCEPT\n");
  const std::string proved = page_of(closed, may_use_its_proxy, {"a remark"});
  CHECK(fault_of(proved).empty());
  CHECK(page_has(proved, "<header class=\"verdict is-proved\">"));
  CHECK(page_has(proved, "Nothing leaks."));
  CHECK(page_has(proved, "<li>a remark</li>"));
  CHECK_FALSE(page_has(proved, "id=\"leaks\""));
  CHECK(page_has(proved, "the host has no IPv6"));

  const firewall opaque = host_with(":OUTPUT DROP [0:0]\n-A OUTPUT -m limit --limit 1/sec -j ACCEPT\n");
  const std::string unknown = page_of(opaque);
  CHECK(fault_of(unknown).empty());
  CHECK(page_has(unknown, "<header class=\"verdict is-unknown\">"));
  CHECK(page_has(unknown, "No packet is known to leak; whether one does hangs on what stands below."));
  CHECK(page_has(unknown, "<td class=\"none\">?</td>"));
  CHECK_FALSE(page_has(unknown, "<td class=\"none\">-</td>"));

  firewall nothing;
  nothing.v4 = nothing.v6 = family_rules::none();
  CHECK(fault_of(page_of(nothing)).empty());

  const proof blocked = prove(host_with(":OUTPUT DROP [0:0]\n"), may_use_its_proxy);
  const std::string without_rules = testing::shown(write_html(blocked, {.require_usable = true}));
  CHECK(fault_of(without_rules).empty());
  CHECK(page_has(without_rules, "<span class=\"chip odd\">closed</span>"));
  CHECK(page_has(without_rules, "is-leak"));
  CHECK(page_has(without_rules, "The rules were not handed over with the answer"));

  const egress_policy routed = packets_through(hook::forward).may_reach(tcp, ipv4_address(10, 0, 0, 1), 443);
  const std::string forwarded = page_of(host_with(":FORWARD DROP [0:0]\n-A FORWARD -i eth1 -j ACCEPT\n"), routed);
  CHECK(fault_of(forwarded).empty());
  CHECK(page_has(forwarded, "1  -i eth1 -j ACCEPT"));
}

TEST_CASE("what rules hold is words on the page, whatever bytes it is made of") {
  const std::string evil = "</style><script>alert(1)</script>' onload=x \\\" &lt; \xff\xe2\x80\xae";
  firewall live = host_with(":OUTPUT DROP [0:0]\n-A OUTPUT -o lo -m comment --comment \"" + evil + "\" -j ACCEPT\n");
  live.v4.rulesets[0].file = text("<b>\x01" + evil);
  const std::string page = page_of(live, may_use_its_proxy, {text("<i>" + evil)});
  CHECK(fault_of(page).empty());
  CHECK(page_has(page, "&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
  CHECK(page_has(page, "\\xff\\xe2\\x80\\xae"));
  CHECK(page_has(page, "&lt;b&gt;\\x01"));
  CHECK_FALSE(page_has(page, "\xff"));
  rc::prop("in comments, chains' names and files", [] {
    const auto bytes = *rc::gen::container<std::string>(
        rc::gen::oneOf(rc::gen::nonZero<char>(), rc::gen::elementOf(std::string("<>&\"'/= \x80\xc2"))));
    RC_PRE(bytes.size() < 27);
    firewall odd = host_with(":OUTPUT DROP [0:0]\n:A - [0:0]\n-A OUTPUT -o lo -j A\n-A A -p tcp -j ACCEPT\n");
    odd.v4.rulesets[0].file = text(bytes);
    table& filter = odd.v4.rulesets[0].tables[0];
    for (chain& one : filter.chains) {
      if (one.name == "A") one.name = chain_name("<" + bytes);
      for (rule& each : one.rules) {
        each.written = text("-A " + bytes);
        if (each.target.what == target::kind::jump) each.target.name = text("<" + bytes);
      }
    }
    RC_ASSERT(fault_of(page_of(odd, sandbox(uid{1001}), {text(bytes)})).empty());
  });
}

TEST_CASE("of whatever rules and policy, the page is well-formed") {
  rc::prop("with every kind of rule", [] {
    const egress_policy policy = *testing::policies();
    const firewall live = *testing::firewalls_for(policy, {.with_opaque = true, .with_both_backends = true});
    const std::string fault = fault_of(page_of(live, policy));
    RC_LOG() << fault << "\n";
    RC_ASSERT(fault.empty());
  });
}

TEST_CASE("a page has bounds, however many rules there are and however many of them leak") {
  std::string many = ":OUTPUT DROP [0:0]\n";
  for (int i = 0; i < 60; ++i) many += ":C" + std::to_string(i) + " - [0:0]\n";
  for (int i = 0; i < 60; ++i)
    many += "-A OUTPUT -d 10." + std::to_string(i) + ".0.0/16 -j C" + std::to_string(i) + "\n";
  for (int i = 0; i < 5000; ++i)
    many += "-A C" + std::to_string(i % 60) + " -d 10." + std::to_string(i % 60) + "." + std::to_string(i / 60) +
            ".1/32 -p tcp -m tcp --dport " + std::to_string(1 + i) + " -m comment --comment " + std::string(200, 'x') +
            " -j ACCEPT\n";
  const firewall live = host_with(many);
  const std::string page = page_of(live);
  CHECK(fault_of(page).empty());
  CHECK(page.size() < 400'000);
  CHECK(page_has(page, "... and 4984 more leaks, which are not told in full here"));
  CHECK(page_has(page, "filter: 37 more chains"));
}
