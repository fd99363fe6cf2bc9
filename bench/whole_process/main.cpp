// What whole processes of cordon cost: its start, reading a large file, many small firewalls. README.md tells how to run
// this, and what it printed once.
#include <sched.h>
#include <stdlib.h>  // mkdtemp
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <cordon/text/file.hpp>
#include <cordon/text/reader.hpp>

#include "process.hpp"

namespace {

namespace fs = std::filesystem;

// The whole process that only reads, so many times, what was read before freed each time: how many rules there are.
int read_only(const char* file, int times) {
  const auto content = cordon::read_file(file);
  if (!content) return 3;
  std::size_t rules = 0;
  for (; times > 0; --times) {
    const auto read = cordon::read_ruleset(*content, {.file = file});
    if (!read) return 3;
    rules = 0;
    for (const cordon::table& one : read->tables)
      for (const cordon::chain& each : one.chains) rules += each.rules.size();
  }
  std::printf("%zu\n", rules);
  return 0;
}

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "error: %s\n", why.c_str());
  std::exit(1);
}

// A directory that is gone with this.
class work_directory {
 public:
  work_directory() {
    std::string name = fs::temp_directory_path() / "whole_process.XXXXXX";
    if (mkdtemp(name.data()) == nullptr) give_up("no directory can be made in " + fs::temp_directory_path().string());
    path_ = name;
  }
  ~work_directory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  work_directory(const work_directory&) = delete;
  work_directory& operator=(const work_directory&) = delete;
  std::string operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

struct bench {
  std::string self, cordon;
  fs::path project;
  work_directory work;

  std::string fixture(const char* name) const { return project / "tests/fixtures/incident" / name; }

  void make(std::vector<std::string> settings, const std::string& output) const {
    command awk{{"awk"}, output};
    for (const std::string& setting : settings) awk.words.insert(awk.words.end(), {"-v", setting});
    awk.words.insert(awk.words.end(), {"-f", (project / "bench/whole_process/rules.awk").string()});
    if (run(awk).status != 0) give_up("rules.awk cannot be run");
  }

  void start() const;
  void reading(bool in_namespace) const;
  void office() const;
  void batch() const;
};

void bench::start() const {
  std::vector<std::string> check = {cordon, "check", "--v4", fixture("after.nft.v4"), "--v6", fixture("after.nft.v6")};
  for (const char* word : {"--uid", "1001", "--allow", "tcp:127.0.0.1:18443", "--allow", "udp,tcp:127.0.0.53:53"})
    check.push_back(word);
  const auto all = run_in_turns({{{"/bin/true"}}, {{cordon, "--version"}}, {check}}, 201, {0, 1});
  std::printf(
      "\n| start, the middle of 201 runs | CPU, ms | CPU of `true` | wall, ms | wall of `true` |\n|---|---|---|---|---|\n");
  const char* const names[] = {"`true`", "`cordon --version`", "`cordon check` of the incident"};
  for (std::size_t i = 0; i < all.size(); ++i)
    std::printf("| %s | %.2f | %.1f times | %.2f | %.1f times |\n", names[i], all[i].middle.cpu * 1e3,
                all[i].middle.cpu / all[0].middle.cpu, all[i].middle.wall * 1e3,
                all[i].middle.wall / all[0].middle.wall);
}

void bench::reading(bool in_namespace) const {
  const std::string large = work / "large.v4";
  make({"seed=1", "rules=100000"}, large);
  std::printf(
      "\n| reading, the least of 5 runs, whole process | MB | CPU, ms | MB/s | reading alone is faster |\n|---|---|---|---|---|\n");
  const fs::path classbench = project / "../shared/classbench";
  std::vector<std::string> files = {large};
  for (const char* name : {"acl1.10k.v4", "fw1.10k.v4", "ipc1.10k.v4"})
    if (fs::exists(classbench / name)) files.push_back(classbench / name);
  for (const std::string& file : files) {
    const double size = static_cast<double>(fs::file_size(file)) / 1e6;
    constexpr int again = 10;
    std::vector<command> commands = {{{self, "--read", file, "1"}}, {{cordon, "fmt", "--v4", file}}};
    std::vector<std::string> names = {"reading alone", "`cordon fmt`: read for both back ends, written"};
    if (in_namespace)
      for (const char* program : {"iptables-nft-restore", "iptables-legacy-restore"}) {
        commands.push_back({{program, "--test", file}});
        names.push_back(std::string("`").append(program).append(" --test`"));
      }
    commands.push_back({{self, "--read", file, std::to_string(1 + again)}});
    auto all = run_in_turns(commands, 5, {0});
    // What each further time took: the process has started by then, and has the memory.
    names.push_back("reading again in the same process");
    all.back().least.cpu = (all.back().least.cpu - all[0].least.cpu) / again;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string shown = names[i] + ", " + fs::path(file).filename().string();
      if (all[i].least.status != 0)
        std::printf("| %s | not measured: it cannot be run here, or refuses the file |\n", shown.c_str());
      else
        std::printf("| %s | %.1f | %.1f | %.0f | %.1f times |\n", shown.c_str(), size, all[i].least.cpu * 1e3,
                    size / all[i].least.cpu, all[i].least.cpu / all[0].least.cpu);
    }
  }
  if (!in_namespace) std::printf("(iptables-restore is not measured: a network namespace takes root.)\n");
}

// Real rule sets of 2,000 to 5,000 lines, whose MAC addresses were made unreadable: read with others in their place.
void bench::office() const {
  const fs::path folder = project / "../shared/corpus/big-office";
  if (!fs::exists(folder)) {
    std::printf("\n(%s is not there: its rule sets are not measured.)\n", folder.c_str());
    return;
  }
  const std::string help = work / "help";
  run({{cordon, "check", "--help"}, help});
  std::ifstream told(help);
  const bool has_chain = std::string(std::istreambuf_iterator<char>(told), {}).find("--chain") != std::string::npos;
  std::printf("\n| read + prove, the least of 5 runs, whole process | lines | CPU, ms |\n|---|---|---|\n");
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::ifstream in(entry.path());
    std::string content(std::istreambuf_iterator<char>(in), {});
    for (std::size_t at = 0; (at = content.find("XX:XX:XX:XX:XX:XX", at)) != std::string::npos;)
      content.replace(at, 17, "02:00:00:00:00:01");
    const std::string file = work / "office.v4";
    std::ofstream(file) << content;
    command check{{cordon, "check", "--v4", file, "--no-v6"}};
    if (has_chain)
      check.words.insert(check.words.end(), {"--chain", "FORWARD"});
    else
      check.words.insert(check.words.end(), {"--uid", "1001"});
    const cost least = run_in_turns({check}, 5, {0, 1, 2})[0].least;
    const auto lines = std::count(content.begin(), content.end(), '\n');
    const std::string name = entry.path().filename().string() + (has_chain ? ", FORWARD" : ", OUTPUT");
    if (least.status == -1)
      std::printf("| %s | %td | not measured: it is refused |\n", name.c_str(), lines);
    else
      std::printf("| %s | %td | %.1f |\n", name.c_str(), lines, least.cpu * 1e3);
  }
}

void bench::batch() const {
  constexpr int hosts = 10'000;
  const std::string directory = work / "hosts";
  fs::create_directory(directory);
  make({"seed=1", "hosts=" + std::to_string(hosts), "directory=" + directory}, "/dev/null");
  const auto reads_files = [&] {
    std::uintmax_t bytes = 0;
    for (const auto& entry : fs::directory_iterator(directory))
      if (const auto content = cordon::read_file(entry.path().c_str())) bytes += content->size();
    return bytes;
  };
  const double megabytes = static_cast<double>(reads_files()) / 1e6;
  double files_alone = 1e9;
  for (int i = 0; i < 3; ++i) {
    const std::clock_t before = std::clock();
    reads_files();
    files_alone = std::min(files_alone, static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
  }
  const auto per_host = [](double seconds) { return seconds / hosts * 1e6; };
  std::vector<command> commands;
  for (const char* const jobs : {"1", ""}) {
    commands.push_back(
        {{cordon, "check", "--batch", directory + "/list", "--uid", "1001", "--allow", "tcp:127.0.0.1:18443"}});
    if (*jobs != '\0') commands.back().words.insert(commands.back().words.end(), {"--jobs", jobs});
  }
  const auto all = run_in_turns(commands, 3, {1});
  std::printf(
      "\n| 10,000 hosts, %.1f MB in 20,000 files, the least of 3 runs | CPU, us a host | wall, s |\n|---|---|---|\n",
      megabytes);
  std::printf("| opening and reading the files, no more | %.0f | |\n", per_host(files_alone));
  const char* const names[] = {"`cordon check --batch --jobs 1`", "`cordon check --batch`, all cores"};
  for (std::size_t i = 0; i < all.size(); ++i)
    std::printf("| %s | %.0f | %.2f |\n", names[i], per_host(all[i].least.cpu), all[i].least.wall);
}

}  // namespace

int main(int count, char** words) {
  if (count == 4 && std::strcmp(words[1], "--read") == 0) return read_only(words[2], std::atoi(words[3]));
  if (count != 3) give_up("usage: whole_process CORDON PROJECT");
  const bench all{fs::canonical("/proc/self/exe"), fs::absolute(words[1]), fs::absolute(words[2]), {}};
  const bool in_namespace = unshare(CLONE_NEWNET) == 0;  // iptables-restore then sees no rules of this host
  all.start();
  all.reading(in_namespace);
  all.office();
  all.batch();
}
