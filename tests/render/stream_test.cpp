#include <cordon/render/stream.hpp>

#include <sstream>

#include "../catch.hpp"

using namespace cordon;

TEST_CASE("diagnostics go to a stream one line each") {
  std::ostringstream out;
  out << sequence<diagnostic>{{"f", {1, 2}, severity::error, "a"}, {{}, {}, severity::note, "b"}};
  CHECK(out.str() == "f:1:2: error: a\nnote: b\n");
}
