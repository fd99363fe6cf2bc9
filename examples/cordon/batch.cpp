#include "batch.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include <cordon/render/json_writer.hpp>
#include <cordon/text/file.hpp>

#include "files.hpp"
#include "in_order.hpp"
#include "terminal.hpp"
#include "unusable.hpp"

namespace {

using cordon::join;

constexpr unsigned most_threads = 1024;

unsigned read_jobs(const std::string& written) {
  if (written.empty()) {
    const unsigned cores = std::thread::hardware_concurrency();  // 0 where that is not known
    return cores == 0 ? 1 : cores < most_threads ? cores : most_threads;
  }
  unsigned number = 0;
  const char* const end = written.data() + written.size();
  const auto [stop, wrong] = std::from_chars(written.data(), end, number);
  if (wrong != std::errc() || stop != end || number == 0 || number > most_threads)
    throw unusable(
        join("--jobs: \"", written, "\" is no number of threads: write 1 to ", cordon::decimal(most_threads)));
  return number;
}

batch_entry read_entry(std::string_view line, std::uint32_t number) {
  batch_entry made{number, {}, {}, {}, 0};
  const auto fail = [&](std::size_t at, const char* why) {
    made.wrong = why;
    made.column = static_cast<std::uint32_t>(at + 1);
    return made;
  };
  const bool has_return = line.back() == '\r';
  const std::string_view names = line.substr(0, line.size() - (has_return ? 1 : 0));
  const auto tab = names.find('\t');
  made.v4 = names.substr(0, tab);
  if (tab != std::string_view::npos) made.v6 = names.substr(tab + 1);
  if (has_return)
    return fail(names.size(),
                "the line ends in CR LF, as on Windows: remove the carriage returns (sed -i 's/\\r$//' FILE)");
  if (const auto zero = names.find('\0'); zero != std::string_view::npos)
    return fail(zero, "a zero byte: this is no text, give one V4FILE<TAB>V6FILE a line");
  if (const auto second = names.find('\t', tab + 1); tab != std::string_view::npos && second != std::string_view::npos)
    return fail(second, "a second tab: write V4FILE<TAB>V6FILE, one firewall a line");
  return made;
}

// The members that tell which entry it is, then those of `object`, which is an object too.
cordon::text with_files(const batch_entry& of, std::string_view object) {
  cordon::json_writer files;
  files.open_object();
  for (const auto& [key, name] : {std::pair("v4_file", &of.v4), std::pair("v6_file", &of.v6)}) {
    files.key(key);
    if (name->empty())
      files.null();
    else
      files.string(*name);
  }
  files.close_object();
  const cordon::text members = std::move(files).finish();
  return join(members.view().substr(0, members.size() - 1), ", ", object.substr(1));
}

batch_answer cannot_be_used(const batch_entry& of, std::string_view list, cordon::sequence<cordon::diagnostic> said) {
  cordon::text lines;
  for (cordon::diagnostic& one : said) {
    if (one.severity != cordon::severity::error) continue;
    if (one.file.empty()) {
      one.file = list;
      one.at = {of.line, of.column == 0 ? 1 : of.column};
    }
    if (!lines.empty()) lines.append('\n');
    lines.append(to_text(one));
  }
  cordon::json_writer json;
  json.open_object();
  json.key("verdict").null();
  json.key("error").string(lines);
  json.close_object();
  return {with_files(of, std::move(json).finish().append('\n')), 3};
}

// The order in which an exit status outweighs another.
constexpr std::array<int, 4> by_weight = {0, 2, 1, 3};

/// Counts what comes out, and tells it; any thread may ask at any time.
class tally {
 public:
  tally(std::string_view list, std::size_t all) : list_(list), all_(all) {}

  void count(int status) {
    const std::lock_guard lock(mutex_);
    ++counts_[static_cast<std::size_t>(status)];
    ++done_;
  }
  cordon::text words() const {
    const std::lock_guard lock(mutex_);
    cordon::text made;
    cordon::append_printable(made, list_);
    made.append(": ").append_number(done_);
    if (done_ != all_) made.append(" of ").append_number(all_);
    made.append(all_ == 1 ? " firewall" : " firewalls");
    constexpr std::array<const char*, 4> names = {" proved", " leak", " unknown", " unusable"};
    const char* separator = ": ";
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (counts_[i] == 0) continue;
      made.append(std::exchange(separator, ", ")).append_number(counts_[i]).append(names[i]);
    }
    return made;
  }
  int worst() const {
    int worst = 0;
    for (const int status : by_weight)
      if (counts_[static_cast<std::size_t>(status)] != 0) worst = status;
    return worst;
  }

 private:
  mutable std::mutex mutex_;
  std::string_view list_;
  std::size_t all_;
  std::size_t done_ = 0;
  std::array<std::size_t, 4> counts_{};  // by exit status
};

}  // namespace

void batch_arguments::add_to(CLI::App& command) {
  command
      .add_option(
          "--batch", list,
          "many firewalls: one V4FILE<TAB>V6FILE a line, either may be empty; one JSON object a line, in that order")
      ->type_name("LIST")
      ->group("Rules");
  command.add_option("--jobs", jobs, "threads for --batch (default: as many as cores)")->type_name("N")->group("Rules");
}

std::vector<batch_entry> read_batch_list(std::string_view content) {
  std::vector<batch_entry> made;
  for (std::uint32_t number = 1; !content.empty(); ++number) {
    const auto end = content.find('\n');
    const std::string_view line = content.substr(0, end);
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
    if (!line.empty() && line[0] != '#') made.push_back(read_entry(line, number));
  }
  return made;
}

int check_batch(const batch_arguments& from, const output_arguments& output,
                const std::function<batch_answer(const batch_entry&)>& judge) {
  const unsigned threads = read_jobs(from.jobs);
  const std::string_view list = cordon::shown_file_name(from.list);
  const std::vector<batch_entry> entries = read_batch_list(read_input(from.list));
  if (entries.empty()) throw unusable("no firewall is listed here: write one V4FILE<TAB>V6FILE a line", list);
  const auto judge_one = [&](std::size_t index) -> batch_answer {
    const batch_entry& one = entries[index];
    try {
      if (!one.wrong.empty()) throw unusable(cordon::text(one.wrong));
      for (const std::string* const name : {&one.v4, &one.v6})
        if (name->ends_with(":-") || *name == "-") throw unusable("standard input is no file of a list: name the file");
      batch_answer answer = judge(one);
      return {with_files(one, answer.object), answer.status};
    } catch (const unusable& why) {
      return cannot_be_used(one, list, why.said);
    } catch (const std::exception& why) {  // above all want of memory, which another firewall may do without
      return cannot_be_used(one, list, unusable(cordon::text(why.what())).said);
    }
  };
  output_file answers(output.file);
  tally counts(list, entries.size());
  if (output.file.empty() && is_terminal(stdout)) progress_line::hush();  // the answers come out there
  progress_line shown([&] { return counts.words(); });
  in_order(entries.size(), threads, judge_one, [&](const batch_answer& one) {
    answers.write(one.object);
    counts.count(one.status);
  });
  answers.finish();
  shown.end();
  const cordon::text summary = counts.words().append('\n');
  std::fwrite(summary.view().data(), 1, summary.size(), stderr);
  return counts.worst();
}
