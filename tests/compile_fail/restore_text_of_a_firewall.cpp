// Rules that were not proved cannot be written for iptables-restore.
// EXPECT(GNU): invalid initialization of reference of type 'const cordon::proved_firewall&' from expression of type 'const cordon::firewall'
// EXPECT(Clang): no viable conversion from 'const cordon::firewall' to 'const proved_firewall'
#include <cordon/prove/enforce.hpp>
#include <cordon/render/restore.hpp>

cordon::text written(const cordon::firewall& rules) {
#ifdef CONTROL
  return cordon::restore_text(cordon::enforce(cordon::sandbox(cordon::uid{1001}), rules), cordon::family::ipv4);
#else
  return cordon::restore_text(rules, cordon::family::ipv4);
#endif
}
