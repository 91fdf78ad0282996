// SPDX-License-Identifier: Apache-2.0
// For whoever reads why a trace failed.
#include "trace.hpp"

namespace golden {

namespace {

std::string text(const Count &count) {
    std::string said = std::to_string(count.bytes);
    said += " bytes in ";
    said += std::to_string(count.messages);
    said += " messages";
    return said;
}

void add_quoted(std::string &said, const char *what, const std::string &text) {
    said += what;
    said += " '";
    said += text;
    said += "'";
}

void add_whose(std::string &said, const Event &event) {
    said += " of epoch ";
    said += std::to_string(event.epoch);
    add_quoted(said, ", room", event.room.sid);
    add_quoted(said, "", event.room.name);
    add_quoted(said, ", participant", event.participant.sid);
    add_quoted(said, "", event.participant.identity);
    said += " of ";
    said += text(event.participant.kind);
    add_quoted(said, ", track", event.track_id);
    add_quoted(said, ", country", event.country);
    if (event.unattributed)
        said += ", unattributed";
}

} // namespace

std::string text(const Kind &kind) {
    std::string said = "kind ";
    said += std::to_string(kind.code);
    for (int32_t detail : kind.details) {
        said += " ";
        said += std::to_string(detail);
    }
    return said;
}

std::string text(const Traffic &traffic) {
    std::string said = "received ";
    said += text(traffic.by[recv]);
    said += ", sent ";
    said += text(traffic.by[send]);
    return said;
}

std::string text(const Event &event) {
    std::string said = "after op ";
    said += std::to_string(event.after_op);
    switch (event.what) {
    case What::totals:
        said += ": totals ";
        return said += text(event.totals);
    case What::joined:
        said += ": joined";
        break;
    case What::left:
        said += ": left";
        break;
    case What::stats:
        said += event.direction == recv ? ": received " : ": sent ";
        said += text(event.count);
        break;
    }
    add_whose(said, event);
    return said;
}

} // namespace golden
