// What std::format prints is what streams print.
#include <iostream>
#include <sstream>
#include <string>

#include <cordon/cordon.hpp>
#include <cordon/render/format.hpp>

using namespace cordon;

namespace {

int failures = 0;

template <class Value>
void compare(const Value& of, const char* what) {
  std::ostringstream out;
  out << of;
  std::string streamed = out.str();
  std::string formatted = std::format("{}", of);
  if (formatted == streamed && !formatted.empty()) return;
  std::cerr << "error: " << what << " is \"" << formatted << "\" with std::format, and \"" << streamed
            << "\" with a stream\n";
  ++failures;
}

}  // namespace

int main() {
  const auto wrong = read_ruleset("*filter\n-A OUTPUT --dport x -j ACCEPT\nCOMMIT\n", {.file = "rules.v4"});
  const firewall open;
  const proof answer = prove(open, sandbox(uid{1001}));
  const packet witness = answer.v4.leaks.front().witness;

  compare(write_report(answer), "a text");
  compare(answer, "a proof");
  compare(witness, "a packet");
  compare(simulate(open, witness).verdict, "a verdict");
  compare(wrong.diagnostics(), "what is wrong with a text");
  // As a string is, so are width and fill; a diagnostic has no line feed of its own then.
  if (std::format("[{:*>8}]", simulate(open, witness).verdict) != "[**ACCEPT]") {
    std::cerr << "error: fill and width do not count\n";
    ++failures;
  }
  const std::string alone = std::format("{}", wrong.diagnostics().front());
  if (!alone.starts_with("rules.v4:2:") || alone.back() == '\n') {
    std::cerr << "error: a diagnostic is \"" << alone << "\"\n";
    ++failures;
  }
  if (failures == 0) std::cout << "std::format prints what streams do\n";
  return failures;
}
