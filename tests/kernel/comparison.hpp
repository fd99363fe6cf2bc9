// What two sides say of the same things, and where they differ.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace cordon::kernel {

/// Counts what was compared and keeps what differed, to be printed as a table: what it is about, the model, the kernel.
class comparison {
 public:
  /// True if the two are the same.
  bool compare(const std::string& what, const std::string& model, const std::string& kernel);
  /// So many more things are the same on both sides.
  void agree(std::size_t things) { count_ += things; }
  /// A difference that is none of two answers, as a packet that never came.
  void fail(const std::string& what);

  std::size_t count() const { return count_; }
  bool differs() const { return !differences_.empty(); }

  /// Prints one line of numbers and, if anything differs, the table. True if nothing differs and anything was compared.
  bool report(const std::string& title) const;

 private:
  struct difference {
    std::string what;
    std::string model;
    std::string kernel;
  };

  std::size_t count_ = 0;
  std::vector<difference> differences_;
};

}  // namespace cordon::kernel
