// What nft lists, as a host's commands print it.
#include "fuzz.hpp"

#include <cordon/live/verify_loaded.hpp>

using namespace cordon;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content = fuzz::text_of(data, size);
  // The rules that iptables-save tells keep the sandbox in; the rest of the host is as the input says.
  const auto run = [&](std::string_view command) -> command_output {
    constexpr std::string_view keeping = "*filter\n-A OUTPUT -m owner --uid-owner 1001 -j DROP\nCOMMIT\n";
    if (command == nft_listing_command) return {0, content};
    if (command.find("-nft-save") != std::string_view::npos) return {0, keeping};
    return {0, {}};
  };
  const sequence<native_chain> beside = native_chains_in(content);
  const verification made = verify_loaded(sandbox(uid{1001}), run);
  fuzz::require(made.was_read, "whatever nft lists, the rules are read");
  fuzz::require(made.proved() == beside.empty(), "chains of nft's own are a doubt, and nothing else is");
  for (const native_chain& one : beside) fuzz::require(one.v4 || one.v6, "a chain is of some family");
  write_report(made);
  tables_left_out(content, family::ipv4);
  return 0;
}
