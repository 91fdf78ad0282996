// SPDX-License-Identifier: Apache-2.0
#include "script.hpp"

#include <initializer_list>
#include <utility>

namespace golden {

namespace {

constexpr uint64_t second_ns = 1'000'000'000;
constexpr uint64_t interval_ms = 5000;
// What one call brings comes in at most so many batches, each of which has to be acknowledged for the next.
constexpr int rounds = 2;
constexpr int rounds_at_end = 4;

std::string token(const std::string &bytes) {
    std::string said = "=";
    for (const unsigned char byte : bytes) {
        const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                           (byte >= 'a' && byte <= 'z') || byte == '_' || byte == '.' || byte == '-';
        if (plain) {
            said += static_cast<char>(byte);
            continue;
        }
        static constexpr char digits[] = "0123456789ABCDEF";
        said += '%';
        said += digits[byte >> 4];
        said += digits[byte & 15];
    }
    return said;
}

std::string details(const std::vector<int32_t> &details) {
    std::string said;
    for (const int32_t detail : details) {
        if (!said.empty())
            said += ',';
        said += std::to_string(detail);
    }
    return said.empty() ? "-" : said;
}

class Story {
  public:
    explicit Story(const Trace &trace) {
        line({"story", token(trace.name).substr(1)});
        line({"open =ND_golden =golden", std::to_string(interval_ms), "2 0 0"});
        run();
        if (trace.is_signal)
            line({"signal h = ="});
        else
            track(trace.config);
        for (const Op &op : trace.ops)
            call(op);
        for (int i = 0; i < rounds_at_end; ++i) {
            line({"close"});
            take();
        }
        line({"close"});
    }

    std::string text() && { return std::move(text_); }

  private:
    void line(std::initializer_list<std::string> words) {
        for (const std::string &word : words) {
            text_ += word;
            text_ += ' ';
        }
        text_.back() = '\n';
    }

    void track(const Config &config) {
        line({"track h", config.track_id.starts_with("DTR_") ? "2" : "1", std::to_string(config.kind.code),
              details(config.kind.details), token(config.country), "= =", token(config.participant_sid), "=",
              token(config.track_id), "="});
    }

    void call(const Op &op) {
        switch (op.call) {
        case Call::add:
            return line({"bytes h", std::to_string(op.bytes), op.is_send ? "1" : "0"});
        case Call::totals:
            return line({"totals h"});
        case Call::resolve_room_nil:
        case Call::resolve_participant_nil:
            return; // only C has a room that is none
        case Call::tick:
            now_ns_ += interval_ms * (second_ns / 1000);
            break;
        case Call::stop:
            line({"stop h"});
            break;
        case Call::resolve_room:
            line({"room h", token(op.room.sid), token(op.room.name), "="});
            break;
        case Call::resolve_participant:
            line({"participant h", token(op.participant.sid), token(op.participant.identity),
                  std::to_string(op.participant.kind.code), details(op.participant.kind.details), "="});
            break;
        case Call::reset:
            line({"reset h"});
            break;
        }
        for (int i = 0; i < rounds; ++i) {
            run();
            take();
        }
    }

    void run() { line({"run", std::to_string(now_ns_)}); }

    void take() {
        std::string batch = "b";
        batch += std::to_string(++batches_);
        line({"next", batch});
        line({"stats", batch});
        line({"ack", batch});
    }

    std::string text_;
    uint64_t now_ns_ = 1000 * second_ns;
    unsigned batches_ = 0;
};

} // namespace

std::string story(const Trace &trace) { return Story(trace).text(); }

} // namespace golden
