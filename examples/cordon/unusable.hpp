// What ends a command with exit status 3: input or flags that it cannot use.
#pragma once

#include <string_view>
#include <utility>

#include <cordon/text/diagnostic.hpp>

/// Thrown where a command cannot go on. `said` holds an error.
struct unusable {
  cordon::sequence<cordon::diagnostic> said;

  explicit unusable(cordon::sequence<cordon::diagnostic> why) : said(std::move(why)) {
    // Who reads FILE:LINE:COLUMN finds all three, also where a line as a whole is meant.
    for (cordon::diagnostic& one : said)
      if (one.at.line != 0 && one.at.column == 0) one.at.column = 1;
  }
  explicit unusable(cordon::diagnostic why) : unusable(cordon::sequence<cordon::diagnostic>{std::move(why)}) {}
  explicit unusable(cordon::text message, std::string_view file = {})
      : unusable(cordon::diagnostic{file, {}, cordon::severity::error, std::move(message)}) {}
};
