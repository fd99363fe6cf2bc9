// What a use of an extension means, of either kind, as one value that mutants are made of.
#pragma once

#include <string>
#include <variant>

#include <cordon/packet/family.hpp>
#include <cordon/rule/extension.hpp>

namespace cordon::mutation {

using meaning = std::variant<match_meaning, effect>;

/// All of it but the numbers: the tests of a predicate in their order, each with its field; what a target
/// does, and which fields it changes how. Uses that take the same way through an extension's code have one
/// shape, so a shape stands for the code that makes it.
std::string shape_of(const meaning& of);

/// Its numbers too: two meanings are written alike if and only if they are the same.
std::string written(const meaning& of);

/// Whether no packet can tell the two apart, whatever the values of what no packet decides. A proof, over
/// every packet of either family, wherever it comes from; of a rule that says an address, over those of `in`, which is
/// its family. Interfaces have names of 15 bytes at most, and a later IPv6 fragment has its own beginning where others
/// have the first port.
bool are_equivalent(const meaning& a, const meaning& b, family in);

}  // namespace cordon::mutation
