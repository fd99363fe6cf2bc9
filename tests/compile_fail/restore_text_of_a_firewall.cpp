// Rules that were not proved cannot be written for iptables-restore.
// EXPECT(GNU): could not convert
// EXPECT(GNU): to 'const cordon::proved_firewall&'
// EXPECT(Clang): no matching function for call to 'restore_text'
// EXPECT(Clang): 'const cordon::proved_firewall' for 1st argument
#include <cordon/prove/enforce.hpp>
#include <cordon/render/restore.hpp>

cordon::text written(const cordon::firewall& rules) {
#ifdef CONTROL
  return cordon::restore_text(cordon::enforce(cordon::sandbox(cordon::uid{1001}), rules), cordon::family::ipv4);
#else
  return cordon::restore_text(rules, cordon::family::ipv4);
#endif
}
