#include "terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace {

constexpr const char* clear_line = "\r\x1b[K";

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): of a process, as its standard error is
std::atomic<bool> is_hushed = false;

// ----------------------------------------------------------------------------------------------------------
// colors

constexpr std::string_view plain = "\x1b[0m", good = "\x1b[1;32m", bad = "\x1b[1;31m", doubtful = "\x1b[1;33m",
                           place = "\x1b[36m", label = "\x1b[2m", heading = "\x1b[1m";

struct colored_word {
  std::string_view word;
  std::string_view color;
};

// What a line begins with.
constexpr colored_word verdicts[] = {
    {"proved:", good},
    {"kept:", good},
    {"same:", good},
    {"nothing found", good},
    {"leak:", bad},
    {"open:", bad},
    {"different:", bad},
    {"newly let out", bad},
    {"unknown:", doubtful},
    {"open beside:", doubtful},
    {"more:", doubtful},
    {"perhaps newly let out", doubtful},
    {"perhaps newly stopped", doubtful},
    {"perhaps goes elsewhere", doubtful},
    {"newly stopped", doubtful},
    {"goes elsewhere", doubtful},
    // of one packet
    {"ACCEPT", good},
    {"DROP", bad},
    {"REJECT", bad},
    {"UNKNOWN", doubtful},
    {"ERROR", bad},
};

// What stands two columns in, before at least two spaces: endpoints, and destinations of audit.
constexpr colored_word states[] = {
    {"open", good},        {"stopped", good},           {"blocked", bad}, {"partial", doubtful}, {"unknown", doubtful},
    {"partly open", good}, {"led elsewhere", doubtful}, {"OPEN", bad},    {"PARTLY OPEN", bad},  {"LED ELSEWHERE", bad},
    {"UNKNOWN", bad},
};

// What names the rest of its line: that is a place and words, or a way through the chains, or words alone.
enum class value_of { words, place_and_words, chains };
struct label_of {
  std::string_view word;
  value_of what;
};
constexpr label_of labels[] = {
    {"rule", value_of::place_and_words},
    {"witness", value_of::words},
    {"way", value_of::chains},
    {"try", value_of::words},
    {"reaches", value_of::words},
    {"before", value_of::words},
    {"after", value_of::words},
    {"was", value_of::chains},
    {"is", value_of::chains},
    {"packet", value_of::words},
    {"program", value_of::words},
    {"unknown", value_of::words},
    {"but for", value_of::words},
    {"stopped", value_of::words},
};

constexpr std::size_t label_width = 9;

void paint(cordon::text& out, std::string_view color, std::string_view words) {
  if (words.empty()) return;
  out.append(color).append(words).append(plain);
}

// The length of "FILE:LINE:" with which `words` begin; 0 if they do not. A file's name may hold a colon.
std::size_t place_length(std::string_view words) {
  for (std::size_t colon = words.find(':'); colon != std::string_view::npos; colon = words.find(':', colon + 1)) {
    std::size_t end = colon + 1;
    while (end < words.size() && words[end] >= '0' && words[end] <= '9') ++end;
    if (end != colon + 1 && end + 1 < words.size() && words[end] == ':' && words[end + 1] == ' ') return end + 1;
  }
  return 0;
}

bool paint_labelled(cordon::text& out, std::string_view line) {
  const std::size_t indent = line.starts_with("  ") ? 2 : 0;
  const std::string_view words = line.substr(indent);
  if (words.size() <= label_width || words[label_width - 1] != ' ' || words[label_width] == ' ') return false;
  std::string_view name = words.substr(0, label_width);
  while (name.ends_with(' ')) name.remove_suffix(1);
  for (const label_of& one : labels) {
    if (one.word != name) continue;
    paint(out, label, line.substr(0, indent + label_width));
    const std::string_view value = words.substr(label_width);
    const std::size_t colored = one.what == value_of::place_and_words ? place_length(value)
                                : one.what == value_of::chains        ? value.size()
                                                                      : 0;
    paint(out, place, value.substr(0, colored));
    out.append(value.substr(colored));
    return true;
  }
  return false;
}

bool paint_verdict(cordon::text& out, std::string_view line) {
  for (const colored_word& one : verdicts) {
    if (!line.starts_with(one.word)) continue;
    // A packet's verdict is a whole word, with the answer if there is one, and its way follows.
    const bool is_of_packet = one.word[0] >= 'A' && one.word[0] <= 'Z';
    const std::size_t end = is_of_packet ? line.find(' ') : one.word.size();
    const std::string_view word = line.substr(0, end);
    if (is_of_packet && word.size() != one.word.size() && word[one.word.size()] != ':') continue;
    paint(out, one.color, word);
    const std::string_view way = line.substr(word.size());
    if (is_of_packet && one.word != "ERROR")
      paint(out, place, way);
    else
      out.append(way);
    return true;
  }
  return false;
}

bool paint_state(cordon::text& out, std::string_view line) {
  if (!line.starts_with("  ")) return false;
  const std::string_view words = line.substr(2);
  for (const colored_word& one : states) {
    if (!words.starts_with(one.word) || !words.substr(one.word.size()).starts_with("  ")) continue;
    out.append("  ");
    paint(out, one.color, one.word);
    out.append(words.substr(one.word.size()));
    return true;
  }
  return false;
}

// A finding as a compiler would print it: "FILE:LINE: warning: [...] ...".
bool paint_finding(cordon::text& out, std::string_view line) {
  const std::size_t length = place_length(line);
  constexpr colored_word severities[] = {{"error:", bad}, {"warning:", doubtful}, {"note:", place}};
  const std::string_view rest = line.substr(length == 0 ? 0 : length + 1);
  for (const colored_word& one : severities) {
    if (!rest.starts_with(one.word)) continue;
    paint(out, heading, line.substr(0, length));
    if (length != 0) out.append(' ');
    paint(out, one.color, one.word);
    out.append(rest.substr(one.word.size()));
    return true;
  }
  return false;
}

// "a reaches endpoints of b ...", "a perhaps reaches endpoints of b ...".
bool paint_crossing(cordon::text& out, std::string_view line) {
  for (const colored_word& one : {colored_word{" perhaps reaches ", doubtful}, colored_word{" reaches ", bad}}) {
    const std::size_t at = line.find(one.word);
    if (line.starts_with(' ') || at == std::string_view::npos ||
        !line.substr(at + one.word.size()).starts_with("endpoints of "))
      continue;
    out.append(line.substr(0, at + 1));
    paint(out, one.color, one.word.substr(1, one.word.size() - 2));
    out.append(line.substr(at + one.word.size() - 1));
    return true;
  }
  return false;
}

void paint_line(cordon::text& out, std::string_view line) {
  if (line.starts_with("=== "))
    paint(out, heading, line);
  else if (!paint_verdict(out, line) && !paint_state(out, line) && !paint_labelled(out, line) &&
           !paint_finding(out, line) && !paint_crossing(out, line))
    out.append(line);
}

}  // namespace

bool is_terminal(std::FILE* stream) {
  const char* const kind = std::getenv("TERM");
  return isatty(fileno(stream)) != 0 && kind != nullptr && *kind != '\0' && std::string_view(kind) != "dumb";
}

bool is_color_wanted() {
  const char* const refused = std::getenv("NO_COLOR");
  return (refused == nullptr || *refused == '\0') && is_terminal(stdout);
}

cordon::text colored(std::string_view report) {
  cordon::text out;
  while (!report.empty()) {
    const std::size_t end = report.find('\n');
    paint_line(out, report.substr(0, end));
    report.remove_prefix(end == std::string_view::npos ? report.size() : end + 1);
    if (end != std::string_view::npos) out.append('\n');
  }
  return out;
}

progress_line::progress_line(std::string_view words)
    : progress_line([said = std::string(words)] { return cordon::text(std::string_view(said)); }) {}

progress_line::progress_line(std::function<cordon::text()> words) : words_(std::move(words)) {
  if (!is_terminal(stderr)) return;
  begin_ = std::chrono::steady_clock::now();
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    // The system gives no more threads: then nothing is shown.
  }
}

void progress_line::end() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

void progress_line::hush() { is_hushed = true; }

void progress_line::run() {
  constexpr std::chrono::milliseconds before(1000), between(300);
  bool is_shown = false;
  std::unique_lock lock(mutex_);
  for (std::chrono::milliseconds pause = before; !ended_.wait_for(lock, pause, [&] { return has_ended_; });
       pause = between)
    if (!is_hushed) {
      show();
      is_shown = true;
    }
  if (is_shown) std::fputs(clear_line, stderr);
}

void progress_line::show() const {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin_);
  cordon::text words = words_();
  words.append(", ").append_number(static_cast<std::uint64_t>(seconds.count())).append(" s");
  // A line that wraps could not be cleared.
  winsize size{};
  const bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  const std::string_view shown = words.view().substr(0, is_known ? size.ws_col - 1U : 79U);
  std::fprintf(stderr, "%s%.*s", clear_line, static_cast<int>(shown.size()), shown.data());
  std::fflush(stderr);
}
