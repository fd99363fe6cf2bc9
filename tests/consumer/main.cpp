// Somebody's program, of two files: the rules of the incident leak in both families, and with cordon's own chain nothing
// does. Prints the version of the library.
#include <cstdio>

#ifdef IMPORT_CORDON
import cordon;
cordon::egress_policy sandbox_policy();
#else
#include "sandbox.hpp"
#endif

using namespace cordon;

int main(int count, char** files) {
  if (count != 3) return 3;
  const auto live = read_firewall({.v4 = files[1], .v6 = files[2]});
  if (!live) return 3;
  const proof before = prove(*live, sandbox_policy());
  if (before.v4.answer != answer::leak || before.v6.answer != answer::leak) return 1;
  const enforcement own = enforce(sandbox_policy(), *live);
  if (!own.proved() || !prove(own.firewall->rules(), sandbox_policy()).proved()) return 1;
  std::printf("%.*s\n", static_cast<int>(version.size()), version.data());
}
