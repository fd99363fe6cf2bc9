#include <cordon/target/ct.hpp>

#include "../catch.hpp"
#include "../match/extension_use.hpp"

using namespace cordon;
using namespace cordon::test;

TEST_CASE("-j CT is shown as iptables-save shows it, and refused where iptables or the kernel refuses it") {
  const saved_case cases[] = {
      {"", ""},
      {"--notrack", "--notrack"},
      {"--zone 5", "--zone 5"},
      {"--zone 0", ""},
      {"--zone mark", "--zone mark"},
      {"--zone 65536", nullptr},
      {"--zone-orig mark", "--zone-orig mark"},
      {"--zone-reply 5", "--zone-reply 5"},
      {"--zone 1 --zone-orig 2", "--zone-orig 2"},
      {"--zone-orig 1 --zone-reply 2", "--zone 2"},
      {"--ctevents new,destroy", "--ctevents new,destroy"},
      {"--ctevents mark,label,natseqinfo,secmark,helper,protoinfo,assured,reply,related,destroy,new", nullptr},
      {"--ctevents foo", nullptr},
      {"--ctevents new,new", "--ctevents new"},
      {"--ctevents \"\"", nullptr},
      {"--expevents new", "--expevents new"},
      {"--expevents foo", nullptr},
      {"--notrack --zone 5", "--notrack --zone 5"},
      {"--ctevents new --expevents new --zone 5", "--ctevents new --expevents new --zone 5"},
      {"--ctevents new,related,destroy,reply,assured,protoinfo,helper,mark",
       "--ctevents new,related,destroy,reply,assured,protoinfo,helper,mark"},
      {"--zone 65535", "--zone 65535"},
      {"--zone -1", nullptr},
  };
  for (const family in : both_families_tested)
    for (const backend of : both_backends_tested)
      check_saved(ct_target, cases, {.family = in, .backend = of, .table = "raw"});
}

TEST_CASE("CT --notrack makes a packet untracked, in raw alone, and a helper changes nothing") {
  const meaning_context raw{.protocol = just(protocol::tcp), .table = "raw"};
  const auto changes = [&](const char* words) {
    return changes_of(meaning_of(ct_target, read_use(ct_target, words, raw).options, raw));
  };
  CHECK(changes("--notrack") == sequence{set_to(field::state, static_cast<unsigned>(connection_state::untracked))});
  CHECK(changes("--helper ftp").empty());
  CHECK(is_refused(canonical(ct_target, "--notrack", {.table = "mangle"})));
  CHECK(is_refused(canonical(ct_target, "--helper ftp", {.table = "raw"})));
}
