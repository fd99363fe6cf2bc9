// All of cordon, but for what helps test suites (cordon/testing/).
#pragma once

#include <cordon/packet/literals.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/prove/backend_difference.hpp>
#include <cordon/prove/enforce.hpp>
#include <cordon/prove/later_hooks.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/proved_firewall.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/render/commands.hpp>
#include <cordon/render/json.hpp>
#include <cordon/render/region.hpp>
#include <cordon/render/report.hpp>
#include <cordon/render/restore.hpp>
#include <cordon/render/stream.hpp>
#include <cordon/render/undo.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/application.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/text/packet_line.hpp>
#include <cordon/text/read_firewall.hpp>
#include <cordon/text/reader.hpp>
#include <cordon/text/writer.hpp>
#include <cordon/version.hpp>
