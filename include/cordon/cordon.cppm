// cordon as a module, `import cordon;`: all that needs no more than the standard library. A header costs every compilation,
// a module one, so here is what cordon.hpp leaves out too. What asks the host that the program runs on (live/,
// text/system_names.hpp), what helps test suites (testing/) and what std::format asks (render/format.hpp) are headers alone.
//
// The headers stand in an export as they are, so no list of names can grow old. `extern "C++"` leaves what they declare
// where an #include has it: files that import and files that include can be linked to one program. For that to work, what
// they need of other libraries has to be included before.
module;

#include <array>
#include <bit>
#include <cerrno>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <iosfwd>
#include <string_view>
#include <type_traits>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

export module cordon;

#pragma clang diagnostic ignored "-Winclude-angled-in-module-purview"  // meant so

export extern "C++" {
#include <cordon/audit/audit.hpp>
#include <cordon/audit/listener_text.hpp>
#include <cordon/classify/classifier.hpp>
#include <cordon/cordon.hpp>
#include <cordon/prove/first_leak.hpp>
#include <cordon/prove/incremental.hpp>
#include <cordon/prove/matrix.hpp>
#include <cordon/render/audit_report.hpp>
#include <cordon/render/graph.hpp>
#include <cordon/render/graph_svg.hpp>
#include <cordon/render/html.hpp>
#include <cordon/render/junit.hpp>
#include <cordon/render/matrix_report.hpp>
#include <cordon/render/repair_report.hpp>
#include <cordon/render/sarif.hpp>
#include <cordon/render/stream.hpp>
}
