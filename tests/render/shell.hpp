// Runs scripts with stand-ins for iptables that write down how they were called, and change nothing.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cordon::test {

class shell {
 public:
  /// `iptables` is what the stand-in does after it has written down its call: lines of shell.
  explicit shell(std::string_view iptables = {}) {
    char form[] = "/tmp/cordon-render-XXXXXX";
    if (mkdtemp(form) == nullptr) throw std::runtime_error("no directory for a test");
    directory_ = form;
    for (const std::string_view name : {"four", "six"}) {
      write(std::string(name), "echo \"${0##*/} $*\" >>calls\n" + std::string(iptables));
      write(std::string(name) + "-restore", "{ echo \"${0##*/} $*\"; cat; } >>calls\n");
    }
  }
  ~shell() { std::filesystem::remove_all(directory_); }
  shell(const shell&) = delete;
  shell& operator=(const shell&) = delete;

  /// The exit status of the script, run in the directory of this object.
  int run(std::string_view script) {
    std::ofstream(directory_ + "/script") << script;
    const std::string command =
        "cd " + directory_ + " && IPTABLES=./four IP6TABLES=./six timeout 20 sh ./script >output 2>&1";
    return std::system(command.c_str());
  }
  /// How the stand-ins were called, one line each, and what the -restore ones read.
  std::string calls() const { return content("calls"); }
  std::string output() const { return content("output"); }
  /// The files that the script, or what it called, made beside those.
  std::size_t other_files() const {
    const auto all = std::filesystem::directory_iterator(directory_);
    const auto known = std::size_t{4 + 1 + 1} + std::filesystem::exists(directory_ + "/calls");
    return static_cast<std::size_t>(std::distance(begin(all), end(all))) - known;
  }

 private:
  void write(const std::string& name, const std::string& lines) {
    const std::string path = directory_ + "/" + name;
    std::ofstream(path) << "#!/bin/sh\n" << lines;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }
  std::string content(const std::string& name) const {
    std::ifstream file(directory_ + "/" + name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string directory_;
};

}  // namespace cordon::test
