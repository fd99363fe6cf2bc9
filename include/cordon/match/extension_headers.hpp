// What the matches of IPv6 extension headers share (ipv6_find_hdr in net/ipv6/exthdrs_core.c): a packet without the
// header never fits. Only whether a header is there is a field; what stands in it is the sender's choice, and an
// atom.
#pragma once

#include <string_view>

#include <cordon/base/sequence.hpp>
#include <cordon/base/view.hpp>
#include <cordon/match/header.hpp>
#include <cordon/match/opaque.hpp>
#include <cordon/packet/field.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon::detail {

/// Packets with one of the extension headers `header`, a single bit.
constexpr predicate has_extension_header(extension_header_set header) {
  return masked(field::extension_headers, header, header);
}

/// The header is there, and each option of the match is an atom of its own.
constexpr match_meaning extension_header_meaning(extension_header_set header, std::string_view match,
                                                 view<option_description> table, const sequence<option>& options,
                                                 family in) {
  predicate holds = has_extension_header(header);
  for (const option& one : options) {
    const sequence<option> single = {one};
    holds &= inverted_if(one.inverted, unknown(words_of(match, table, single, in), /*stateful=*/false));
  }
  return {holds};
}

}  // namespace cordon::detail
