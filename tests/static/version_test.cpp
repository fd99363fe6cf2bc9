// The version is told in two ways; consumer/check holds it against that of CMake.
#include <cordon/base/text.hpp>
#include <cordon/version.hpp>

using namespace cordon;

static_assert(version == join(decimal(version_major), ".", decimal(version_minor), ".", decimal(version_patch)).view());
