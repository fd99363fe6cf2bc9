// One trap shown three ways: what is stated, what the kernel does, what cordon says of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <cordon/packet/owner.hpp>
#include <cordon/prove/proof.hpp>
#include <cordon/rule/firewall.hpp>

#include "counters.hpp"
#include "judge.hpp"
#include "real_socket.hpp"
#include "session.hpp"
#include "tally.hpp"
#include "tool.hpp"
#include "world.hpp"

namespace cordon::kernel {

// Whose packets the demonstrations send.
inline constexpr owner_ids sandbox = {1001, 1001};
inline constexpr owner_ids other = {2001, 2001};
inline constexpr owner_ids third = {3001, 3001};

/// A packet of real traffic, in the order in which they come to OUTPUT.
struct traffic_packet {
  std::string_view what;        ///< for messages: "the RST"
  cordon::owner owner = {};     ///< which no trace tells, so that the model must be told
  std::string_view expected;    ///< as for `demonstration::packet`
  std::string_view state = {};  ///< what conntrack says of it; empty: not asked
  /// No packet decides what cordon is asked: it need only think the verdict possible.
  bool undecided = false;
};

/// Shows a trap with one back end in one family. Each call states what is expected, and asks the kernel and cordon;
/// who says something else is noted.
///
/// In rules, packets and expectations the words {host}, {lo} and {own} stand for an address outside, that of loopback
/// and one of the host's own in the family, and {[host]} and so on for the same with IPv6's brackets; {icmp} for its
/// ICMP. Rules without a `*table` line are filter's.
class demonstration {
 public:
  explicit demonstration(const combination& of) : of_(of) {}

  const combination& of() const { return of_; }
  bool v4() const { return of_.family == ip_family::v4; }
  bool legacy() const { return of_.which == back_end::legacy; }
  /// The same text for both back ends, or one for each.
  std::string_view either(std::string_view for_legacy, std::string_view for_nft) const {
    return legacy() ? for_legacy : for_nft;
  }

  /// A new world with these rules; `prepare` is run in it first.
  void rules(std::string_view text, const std::function<void()>& prepare = {});
  /// Sends a packet (packet_line.hpp) through the rules. Expected is what `cordon trace` prints: the verdict and the
  /// way. A number is short for filter:OUTPUT:rule:N, `policy:2` and `return:2` are OUTPUT's in filter, `S:rule:1` is
  /// filter's. The verdict alone leaves the way out. Returns how many answers came to OUTPUT.
  std::size_t packet(std::string_view line, std::string_view expected);
  /// The same where no packet decides: the kernel does what is expected (`DROP` is any way of stopping it), and
  /// cordon calls the verdict unknown, that among the possible ones.
  void undecided(std::string_view line, std::string_view kernel_expected);
  /// The errno of sendto().
  void packet_fails(std::string_view line, int error);
  /// What cordon alone says of a packet, written as for its `trace`.
  void simulated(std::string_view line, std::string_view expected);

  /// The proof about user 1001 in this family, the other being absent; `policy` as in a file of it. Of each leak the
  /// kernel must let out the witness, if that opens a connection, and by the way that the proof tells.
  proof proves(std::string_view policy, answer expected);

  /// A world that answers, with these rules; what `act` brings about comes to OUTPUT in this order.
  void traffic(std::string_view rules, const std::function<void()>& act, const std::vector<traffic_packet>& expected);

  /// Both load the text, and print these rules of it: the -A lines, user chains without their dash, and policies of
  /// DROP, in the order of the tables, lines parted by \n. Expected may hold {iptables} words like rules.
  void prints(std::string_view text, std::string_view expected);
  /// cordon warns of the text, which the kernel loads; `of` stands in what it says.
  void warned(std::string_view text, std::string_view of);
  /// Both refuse the text.
  void refused(std::string_view text);

  /// With the words in braces put in, and as a whole file.
  std::string words(std::string_view text) const;
  std::string table_text(std::string_view text) const;
  /// What cordon reads of a whole file; a failure is noted, and null returned.
  const cordon::ruleset* read(std::string_view text);
  /// A whole file into a world of the trap's own.
  void load(world& into, const std::string& text) const;
  /// What the rules of such a world have counted.
  packet_counts counted(world& in) const;

  void check(bool holds, const std::string& what);
  void equal(const std::string& what, const std::string& got, const std::string& wanted);

  const std::vector<std::string>& failures() const { return failures_; }
  std::size_t checks() const { return checks_; }

 private:
  std::string expected_words(std::string_view expected) const;
  sent_packet send(const std::string& line);
  void compare(const std::string& about, const std::string& who, const std::string& said, const std::string& expected);

  combination of_;
  std::string text_;
  std::unique_ptr<judge> judge_;  // before the session, whose world dies first
  std::unique_ptr<session> session_;
  cordon::ruleset read_;
  std::vector<std::string> failures_;
  std::size_t checks_ = 0;
};

/// This machine lacks what a trap is about: a program, or an extension of the kernel's or of iptables'.
struct lacking : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Runs a program as run_tool does. Throws `lacking` if there is none of that name.
tool_result run_program(const std::vector<std::string>& words, std::string_view input = {});

/// Where a trap can be shown.
struct trap_place {
  std::optional<back_end> which = {};
  std::optional<ip_family> family = {};
  bool fits(const combination& of) const { return (!which || *which == of.which) && (!family || *family == of.family); }
};
inline constexpr trap_place everywhere = {};
inline constexpr trap_place in_v4 = {.family = ip_family::v4};
inline constexpr trap_place in_v6 = {.family = ip_family::v6};
inline constexpr trap_place in_legacy = {.which = back_end::legacy};
inline constexpr trap_place in_nft = {.which = back_end::nft};
inline constexpr trap_place in_legacy_v4 = {.which = back_end::legacy, .family = ip_family::v4};
inline constexpr trap_place in_nft_v4 = {.which = back_end::nft, .family = ip_family::v4};
inline constexpr trap_place in_legacy_v6 = {.which = back_end::legacy, .family = ip_family::v6};

/// What a careful reader of iptables' manual would get wrong, in one sentence; and how it is shown.
struct trap {
  std::string_view sentence;
  trap_place where;
  void (*shows)(demonstration&);
};

}  // namespace cordon::kernel
