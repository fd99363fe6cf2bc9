// Everything that can be drawn at random from a source of choices. For RapidCheck see rapidcheck.hpp, which wraps this.
#pragma once

#include <cordon/testing/draw_conversation.hpp>
#include <cordon/testing/draw_firewall.hpp>
#include <cordon/testing/draw_packet.hpp>
#include <cordon/testing/draw_policy.hpp>
#include <cordon/testing/draw_rule.hpp>
#include <cordon/testing/edges.hpp>
#include <cordon/testing/random.hpp>
