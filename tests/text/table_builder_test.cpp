#include <cordon/text/table_builder.hpp>

#include <string>

#include "../catch.hpp"

using namespace cordon;

namespace {
std::string names(const table& of) {
  std::string all;
  for (const chain& one : of.chains) all.append(one.name.view()).append(" ");
  return all;
}
chain user(std::string_view name) { return {chain_name(name), no_value, {}, {}}; }
}  // namespace

TEST_CASE("a new table has its built-in chains, with policy ACCEPT") {
  const table_builder made(table_name::nat);
  REQUIRE(made.chains().size() == 4);
  for (std::uint32_t i = 0; i < 4; ++i) {
    CHECK(made.is_built_in(i));
    CHECK(made.chains()[i].policy == chain_policy::accept);
  }
  CHECK(made.find("OUTPUT") == 2);
  CHECK(made.find("FORWARD") == table_builder::none);
}

TEST_CASE("a finished table has the user chains in the order of their bytes") {
  table_builder made(table_name::filter);
  for (const char* const name : {"a", "Z", "A", "M"}) made.add(user(name));
  CHECK(names(std::move(made).finish()) == "INPUT FORWARD OUTPUT A M Z a ");
}

TEST_CASE("chains are found among few and among many") {
  table_builder made(table_name::filter);
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "chain" + std::to_string(i);
    CHECK(made.find(name) == table_builder::none);
    CHECK(made.add(user(name)) == static_cast<std::uint32_t>(i) + 3);
    CHECK(made.find(name) == static_cast<std::uint32_t>(i) + 3);
    CHECK(made.find("OUTPUT") == 2);
  }
  for (int i = 0; i < 1000; ++i) CHECK(made.find("chain" + std::to_string(i)) == static_cast<std::uint32_t>(i) + 3);
}

TEST_CASE("chains that were taken away are found no more, and the others still are") {
  table_builder made(table_name::filter);
  for (int i = 0; i < 100; ++i) made.add(user("chain" + std::to_string(i)));
  sequence<char> marked(made.chains().size(), 0);
  for (std::size_t i = 3; i < marked.size(); i += 2) marked[i] = 1;
  made.remove(marked);
  for (int i = 0; i < 100; ++i) {
    const std::string name = "chain" + std::to_string(i);
    const std::uint32_t at = made.find(name);
    if (i % 2 == 0) {
      CHECK(at == table_builder::none);
    } else {
      REQUIRE(at != table_builder::none);
      CHECK(made.chains()[at].name == std::string_view(name));
    }
  }
}

TEST_CASE("a chain that is renamed is jumped to under its new name") {
  table_builder made(table_name::filter);
  const std::uint32_t index = made.add(user("old"));
  rule jump;
  jump.target.what = target::kind::jump;
  jump.target.name = "old";
  rule other = jump;
  other.target.what = target::kind::unknown;
  made.chains()[2].rules = {jump, other};
  made.rename(index, "new");
  CHECK(made.find("old") == table_builder::none);
  CHECK(made.find("new") == index);
  CHECK(made.chains()[2].rules[0].target.name == "new");
  CHECK(made.chains()[2].rules[1].target.name == "old");
}
