// Finds a name among some that are known when the program is compiled, by looking at one or two of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <cordon/base/bytes.hpp>

namespace cordon {

/// A hash table over up to 250 names: build it once, as a constant. Each name leads to the number that it was added
/// with; a name may be added several times.
class name_index {
 public:
  static constexpr std::uint8_t none = 255;  ///< what `find` gives for a name that was not added

  /// Adds a name, which must stay alive, with a number of 0 to 254.
  constexpr void add(std::string_view name, std::uint8_t number) {
    std::size_t at = hash(name);
    while (slots_[at].number != none) at = (at + 1) % size;
    slots_[at] = {name, number};
  }

  /// The first number that `name` was added with, or `none`.
  constexpr std::uint8_t find(std::string_view name) const {
    std::size_t at = hash(name);
    while (slots_[at].number != none && !same_bytes(slots_[at].name, name)) at = (at + 1) % size;
    return slots_[at].number;
  }

 private:
  static constexpr std::size_t size = 512;
  struct slot {
    std::string_view name;
    std::uint8_t number = none;
  };

  // The ends and the length tell the names of options and extensions well apart.
  static constexpr std::size_t hash(std::string_view name) {
    if (name.empty()) return 0;
    const char* const bytes = name.data();
    const std::size_t length = name.size();
    return (length * 67 + static_cast<unsigned char>(bytes[0]) * 31U +
            static_cast<unsigned char>(bytes[length - 1]) * 7U + static_cast<unsigned char>(bytes[length / 2])) %
           size;
  }

  slot slots_[size] = {};
};

}  // namespace cordon
