// Findings as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format), which code hosts show at the lines of a
// change: the place of each rule, stable ids, and a fingerprint by which a finding is known again when its line moves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <cordon/base/sequence.hpp>
#include <cordon/base/text.hpp>
#include <cordon/prove/finding.hpp>
#include <cordon/render/json_writer.hpp>
#include <cordon/version.hpp>

namespace cordon {

namespace detail {

/// A file's name as a reference of RFC 3986: what has no place in a path is written with %.
constexpr text uri_of(std::string_view file) {
  text out;
  for (const char c : file) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                          (byte >= '0' && byte <= '9') || std::string_view("/-._~").find(c) != std::string_view::npos;
    if (is_plain)
      out.append(c);
    else
      out.append('%').append_hexadecimal(byte, 2);
  }
  return out;
}

/// The same for findings of the same kind about the same rule, wherever in its file that stands (FNV-1a, 64 bits).
constexpr std::uint64_t fingerprint_of(const finding& of) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  const auto add = [&](std::string_view words) {
    for (const char c : words) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    hash = (hash ^ 0xffU) * 0x100000001b3U;
  };
  add(of.id);
  add(name_of(of.at.family));
  add(name_of(of.at.table));
  add(of.at.chain);
  // What is said of a rule may tell other places, which move; its text is enough. Without one the sentence has to do.
  add(of.at.written.empty() ? of.says.view() : of.at.written.view());
  return hash;
}

class sarif_writer {
 public:
  explicit constexpr sarif_writer(const sequence<finding>& findings) : findings_(&findings) {}

  constexpr text write() {
    json_.open_object();
    json_.key("$schema").string("https://json.schemastore.org/sarif-2.1.0.json");
    json_.key("version").string("2.1.0");
    json_.key("runs").open_array();
    json_.open_object();
    write_tool();
    json_.key("columnKind").string("utf16CodeUnits");
    json_.key("results").open_array();
    for (const finding& one : *findings_) write(one);
    json_.close_array();
    json_.close_object();
    json_.close_array();
    json_.close_object();
    return std::move(json_).finish().append('\n');
  }

 private:
  constexpr void write_tool() {
    for (const finding& one : *findings_)
      if (index_of(one.id) == ids_.size()) ids_.push_back(one.id);
    json_.key("tool").open_object();
    json_.key("driver").open_object();
    json_.key("name").string("cordon");
    json_.key("version").string(version);
    json_.key("rules").open_array();
    for (const std::string_view id : ids_) {
      json_.open_object();
      json_.key("id").string(id);
      text words;
      for (const char c : id) words.append(c == '-' ? ' ' : c);
      json_.key("shortDescription").open_object();
      json_.key("text").string(words);
      json_.close_object();
      json_.close_object();
    }
    json_.close_array();
    json_.close_object();
    json_.close_object();
  }

  constexpr void write(const finding& one) {
    json_.open_object();
    json_.key("ruleId").string(one.id);
    json_.key("ruleIndex").number(index_of(one.id));
    json_.key("level").string(name_of(one.severity));
    json_.key("message").open_object();
    json_.key("text").string(join(one.says, ". To do: ", one.todo, "."));
    json_.close_object();
    json_.key("locations").open_array();
    json_.open_object();
    if (!one.at.file.empty()) {
      json_.key("physicalLocation").open_object();
      json_.key("artifactLocation").open_object();
      json_.key("uri").string(uri_of(one.at.file));
      json_.close_object();
      if (one.at.line != 0) {
        json_.key("region").open_object();
        json_.key("startLine").number(one.at.line);
        json_.close_object();
      }
      json_.close_object();
    }
    json_.key("logicalLocations").open_array();
    json_.open_object();
    json_.key("fullyQualifiedName").string(join(name_of(one.at.family), ":", name_of(one.at.table), ":", one.at.chain));
    json_.close_object();
    json_.close_array();
    json_.close_object();
    json_.close_array();
    text fingerprint;
    fingerprint.append_hexadecimal(fingerprint_of(one), 16);
    json_.key("partialFingerprints").open_object();
    json_.key("cordonFinding/v1").string(fingerprint);
    json_.close_object();
    json_.close_object();
  }

  constexpr std::size_t index_of(std::string_view id) const {
    std::size_t at = 0;
    while (at < ids_.size() && ids_[at] != id) ++at;
    return at;
  }

  const sequence<finding>* findings_;
  sequence<std::string_view> ids_;
  json_writer json_;
};

}  // namespace detail

/// The findings as a SARIF log on one line, with a line feed. Places are the files as they were named to cordon.
constexpr text write_sarif(const sequence<finding>& findings) { return detail::sarif_writer(findings).write(); }

}  // namespace cordon
