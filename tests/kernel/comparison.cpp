#include "comparison.hpp"

#include <algorithm>
#include <iomanip>
#include <iostream>

namespace cordon::kernel {

bool comparison::compare(const std::string& what, const std::string& model, const std::string& kernel) {
  ++count_;
  if (model == kernel) return true;
  differences_.push_back({what, model, kernel});
  return false;
}

void comparison::fail(const std::string& what) {
  ++count_;
  differences_.push_back({what, "", ""});
}

bool comparison::report(const std::string& title) const {
  std::cout << title << ": " << count_ << " compared, " << differences_.size() << " differ\n";
  if (count_ == 0) std::cout << "  nothing was compared: that is a failure\n";
  if (differences_.empty()) return count_ > 0;
  std::size_t widest = 0;
  std::size_t widest_model = 5;
  for (const difference& one : differences_) {
    widest = std::max(widest, one.what.size());
    widest_model = std::max(widest_model, one.model.size());
  }
  const auto line = [&](const std::string& what, const std::string& model, const std::string& kernel) {
    std::cout << "  " << std::left << std::setw(static_cast<int>(widest)) << what << " | "
              << std::setw(static_cast<int>(widest_model)) << model << " | " << kernel << '\n';
  };
  line("", "model", "kernel");
  for (const difference& one : differences_) line(one.what, one.model, one.kernel);
  return false;
}

}  // namespace cordon::kernel
