#include <cordon/text/file.hpp>

#include <unistd.h>

#include <cstdio>
#include <string>

#include "../catch.hpp"

using namespace cordon;

TEST_CASE("a file is read whole, zero bytes and all") {
  std::FILE* const file = std::tmpfile();
  REQUIRE(file != nullptr);
  std::string content(200000, 'x');
  content[100000] = '\0';
  REQUIRE(std::fwrite(content.data(), 1, content.size(), file) == content.size());
  REQUIRE(std::fflush(file) == 0);
  const auto read = read_file(("/proc/self/fd/" + std::to_string(fileno(file))).c_str());
  REQUIRE(read);
  CHECK(read->view() == content);
  std::fclose(file);
}

TEST_CASE("standard input is read from where it stands") {
  std::FILE* const file = std::tmpfile();
  REQUIRE(file != nullptr);
  REQUIRE(std::fputs("header\n*filter\nCOMMIT\n", file) >= 0);
  REQUIRE(std::fflush(file) == 0);
  const int before = dup(STDIN_FILENO);
  REQUIRE(dup2(fileno(file), STDIN_FILENO) == STDIN_FILENO);
  REQUIRE(lseek(STDIN_FILENO, 7, SEEK_SET) == 7);
  const auto read = read_file("-");
  CHECK(dup2(before, STDIN_FILENO) == STDIN_FILENO);
  close(before);
  std::fclose(file);
  REQUIRE(read);
  CHECK(*read == "*filter\nCOMMIT\n");
}

TEST_CASE("a file that is missing or cannot be read is an error with its name and the reason") {
  const auto missing = read_file("/nonexistent/rules");
  REQUIRE_FALSE(missing);
  CHECK(to_text(missing.diagnostics()) == "/nonexistent/rules: error: cannot be opened: No such file or directory\n");
  const auto folder = read_file("/");
  REQUIRE_FALSE(folder);
  CHECK(to_text(folder.diagnostics()) == "/: error: cannot be read: Is a directory\n");
}
