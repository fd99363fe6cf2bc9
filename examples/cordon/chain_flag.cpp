#include "chain_flag.hpp"

#include <cordon/base/text.hpp>

#include "unusable.hpp"

void chain_argument::add_to(CLI::App& command) {
  command
      .add_option("--chain", name,
                  "the chains that packets go through (default OUTPUT); in FORWARD and INPUT they have no owner")
      ->type_name("OUTPUT|FORWARD|INPUT");
}

cordon::hook chain_argument::at() const {
  const auto found = cordon::hook_of(name);
  if (!found || *found == cordon::hook::prerouting || *found == cordon::hook::postrouting)
    throw unusable(
        cordon::join("--chain: \"", name, "\" is no built-in chain of filter: write OUTPUT, FORWARD or INPUT"));
  return *found;
}
