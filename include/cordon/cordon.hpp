// Rules, packets, and every question about them: read, built, simulated, proved, compared, looked through, rendered. Not
// all of cordon, for every header costs a compiler time: several sandboxes at once (prove/matrix.hpp), who listens
// (audit/audit.hpp), proofs that are kept (prove/incremental.hpp), rules compiled for lookups (classify/classifier.hpp),
// the host that the program runs on (live/) and what helps test suites (testing/) are asked for by name.
#pragma once

#include <cordon/base/fixed_text.hpp>
#include <cordon/lint/lint.hpp>
#include <cordon/packet/literals.hpp>
#include <cordon/packet/packet.hpp>
#include <cordon/prove/backend_difference.hpp>
#include <cordon/prove/difference.hpp>
#include <cordon/prove/enforce.hpp>
#include <cordon/prove/later_hooks.hpp>
#include <cordon/prove/policy.hpp>
#include <cordon/prove/policy_text.hpp>
#include <cordon/prove/prove.hpp>
#include <cordon/prove/proved_firewall.hpp>
#include <cordon/prove/rule_survey.hpp>
#include <cordon/prove/stopping_rule.hpp>
#include <cordon/render/commands.hpp>
#include <cordon/render/difference_report.hpp>
#include <cordon/render/explanation.hpp>
#include <cordon/render/findings.hpp>
#include <cordon/render/json.hpp>
#include <cordon/render/region.hpp>
#include <cordon/render/report.hpp>
#include <cordon/render/restore.hpp>
#include <cordon/render/static_proof.hpp>
#include <cordon/render/stream.hpp>
#include <cordon/render/undo.hpp>
#include <cordon/rule/firewall.hpp>
#include <cordon/simulate/application.hpp>
#include <cordon/simulate/simulate.hpp>
#include <cordon/text/literals.hpp>
#include <cordon/text/packet_line_reader.hpp>
#include <cordon/text/packet_line_writer.hpp>
#include <cordon/text/read_firewall.hpp>
#include <cordon/text/reader.hpp>
#include <cordon/text/writer.hpp>
#include <cordon/version.hpp>
