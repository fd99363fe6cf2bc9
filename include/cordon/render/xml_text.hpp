// Words as XML 1.0 holds them, so that whatever bytes go in, what comes out is well-formed.
#pragma once

#include <cstddef>
#include <string_view>

#include <cordon/base/text.hpp>
#include <cordon/render/json_writer.hpp>

namespace cordon::detail {

/// Appends words to XML 1.0, as content or as an attribute's value: what XML has no place for (control characters, bytes
/// that are no UTF-8) becomes U+FFFD.
constexpr void append_xml(text& out, std::string_view words) {
  while (!words.empty()) {
    const std::size_t length = utf8_length(words);
    const auto byte = static_cast<unsigned char>(words[0]);
    // U+FFFE and U+FFFF are no characters of XML.
    const bool is_none = length == 3 && byte == 0xef && static_cast<unsigned char>(words[1]) == 0xbf &&
                         static_cast<unsigned char>(words[2]) >= 0xbe;
    if (length == 0 || is_none || (byte < 0x20 && byte != '\n' && byte != '\t'))
      out.append("\xef\xbf\xbd");
    else if (byte == '&')
      out.append("&amp;");
    else if (byte == '<')
      out.append("&lt;");
    else if (byte == '>')
      out.append("&gt;");
    else if (byte == '"')
      out.append("&quot;");
    else if (byte == '\n')
      out.append("&#10;");
    else if (byte == '\t')
      out.append("&#9;");
    else
      out.append(words.substr(0, length));
    words.remove_prefix(length == 0 ? 1 : length);
  }
}

}  // namespace cordon::detail
