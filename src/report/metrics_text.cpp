// SPDX-License-Identifier: Apache-2.0
#include "report/metrics_text.hpp"

#include <array>
#include <charconv>
#include <initializer_list>
#include <utility>

namespace lkstats::report {

namespace {

enum class Type { counter, gauge, summary };

constexpr std::string_view name_of(Type type) {
    switch (type) {
    case Type::counter:
        return "counter";
    case Type::gauge:
        return "gauge";
    case Type::summary:
        return "summary";
    }
    return {};
}

struct Label {
    std::string_view name;
    std::string_view value;
};

class Lines;

struct Shown {
    const Figures &figures;
    std::string_view node;
};

struct Family {
    std::string_view name; // a counter's without _total
    Type type;
    std::string_view unit;
    std::string_view help; // without quotes, backslashes and line ends: nothing to escape
    void (*write)(Lines &, const Shown &);
};

// Numbers are written as integers, never through a double: they stay exact past 2^53.
class Lines {
  public:
    explicit Lines(uint32_t format) : openmetrics_(format == LKSTATS_METRICS_OPENMETRICS) {
        text_.reserve(8192);
    }

    void begin(const Family &family) {
        name_ = family.name;
        total_ = family.type == Type::counter ? "_total" : "";
        about("HELP", family.help);
        about("TYPE", name_of(family.type));
        if (openmetrics_ && !family.unit.empty())
            about("UNIT", family.unit);
    }

    void sample(std::initializer_list<Label> labels, uint64_t value) {
        put({name_, total_});
        char before = '{';
        for (const Label &label : labels) {
            text_ += before;
            put({label.name, "=\""});
            escaped(label.value);
            text_ += '"';
            before = ',';
        }
        if (before == ',')
            text_ += '}';
        text_ += ' ';
        number(value);
        text_ += '\n';
    }

    void summary(const Effort &effort) {
        put({name_, "_sum "});
        seconds(effort.ns);
        put({"\n", name_, "_count "});
        number(effort.count);
        text_ += '\n';
    }

    std::string take() {
        if (openmetrics_)
            text_ += "# EOF\n";
        return std::move(text_);
    }

  private:
    // OpenMetrics speaks of the family, the older text of its samples.
    void about(std::string_view what, std::string_view says) {
        put({"# ", what, " ", name_, openmetrics_ ? "" : total_, " ", says, "\n"});
    }

    void put(std::initializer_list<std::string_view> pieces) {
        for (const std::string_view piece : pieces)
            text_ += piece;
    }

    void escaped(std::string_view value) {
        for (const char byte : value) {
            if (byte == '\\' || byte == '"' || byte == '\n')
                text_ += '\\';
            text_ += byte == '\n' ? 'n' : byte;
        }
    }

    void number(uint64_t value, size_t digits = 1) {
        std::array<char, 20> buffer;
        const char *const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
        const auto written = static_cast<size_t>(end - buffer.data());
        text_.append(written < digits ? digits - written : 0, '0').append(buffer.data(), written);
    }

    void seconds(uint64_t ns) {
        constexpr uint64_t second = 1'000'000'000;
        number(ns / second);
        text_ += '.';
        number(ns % second, 9);
    }

    std::string text_;
    std::string_view name_;
    std::string_view total_;
    bool openmetrics_;
};

constexpr std::string_view channel_names[channels] = {"data", "data_track", "signal"};

void directions(Lines &to, uint64_t send, uint64_t recv) {
    to.sample({{"direction", "send"}}, send);
    to.sample({{"direction", "recv"}}, recv);
}

void by_channel(Lines &to, const Shown &of, uint64_t lkstats_traffic_t::*send,
                uint64_t lkstats_traffic_t::*recv) {
    for (int32_t i = 0; i < channels; ++i) {
        to.sample({{"channel", channel_names[i]}, {"direction", "send"}}, of.figures.counted[i].*send);
        to.sample({{"channel", channel_names[i]}, {"direction", "recv"}}, of.figures.counted[i].*recv);
    }
}

#define LKSTATS_TEXT(number) #number
#define LKSTATS_DOTTED(major, minor, patch)                                                                  \
    LKSTATS_TEXT(major) "." LKSTATS_TEXT(minor) "." LKSTATS_TEXT(patch)
constexpr std::string_view version =
    LKSTATS_DOTTED(LKSTATS_VERSION_MAJOR, LKSTATS_VERSION_MINOR, LKSTATS_VERSION_PATCH);
#undef LKSTATS_DOTTED
#undef LKSTATS_TEXT

// docs/metrics.md lists them too.
constexpr Family families[] = {
    {"lkstats_bytes", Type::counter, "bytes",
     "Bytes counted, by channel type; send: by the server to a client, recv: from one.",
     [](Lines &to, const Shown &of) {
         by_channel(to, of, &lkstats_traffic_t::send_bytes, &lkstats_traffic_t::recv_bytes);
     }},
    {"lkstats_messages", Type::counter, "", "Messages counted, by channel type and direction.",
     [](Lines &to, const Shown &of) {
         by_channel(to, of, &lkstats_traffic_t::send_messages, &lkstats_traffic_t::recv_messages);
     }},
    {"lkstats_unattributed_bytes", Type::counter, "bytes",
     "Bytes of signal connections that ended before anybody said whose they were; in lkstats_bytes too.",
     [](Lines &to, const Shown &of) {
         directions(to, of.figures.unattributed.send_bytes, of.figures.unattributed.recv_bytes);
     }},
    {"lkstats_unattributed_messages", Type::counter, "",
     "Messages of signal connections that ended before anybody said whose they were; in lkstats_messages "
     "too.",
     [](Lines &to, const Shown &of) {
         directions(to, of.figures.unattributed.send_messages, of.figures.unattributed.recv_messages);
     }},
    {"lkstats_refused_adds", Type::counter, "",
     "Adds that did not count, of the whole process; invalid: too large, no_track: on handle 0.",
     [](Lines &to, const Shown &of) {
         const RefusedAdds &refused = of.figures.refused_adds;
         to.sample({{"reason", "invalid"}}, refused.invalid);
         to.sample({{"reason", "no_track"}}, refused.none);
         to.sample({{"reason", "stale"}}, refused.stale);
         to.sample({{"reason", "closed"}}, refused.closed);
         to.sample({{"reason", "forked"}}, refused.forked);
     }},
    {"lkstats_tracks", Type::gauge, "",
     "Tracks and signal connections now; closed: stopped, with reports that are still owed.",
     [](Lines &to, const Shown &of) {
         for (int32_t i = 0; i < channels; ++i) {
             to.sample({{"channel", channel_names[i]}, {"state", "live"}}, of.figures.live[i]);
             to.sample({{"channel", channel_names[i]}, {"state", "closed"}}, of.figures.closed[i]);
         }
     }},
    {"lkstats_tracks_max", Type::gauge, "", "Tracks and signal connections that fit, as the host has set it.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.max_tracks); }},
    {"lkstats_tracks_resting", Type::gauge, "",
     "Places of tracks that are over and acknowledged, which rest before somebody else has them; they count "
     "against lkstats_tracks_max.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.resting); }},
    {"lkstats_full_refusals", Type::counter, "",
     "Calls answered LKSTATS_EFULL; new: a track or connection, epoch: a reset or resolution of one.",
     [](Lines &to, const Shown &of) {
         to.sample({{"call", "new"}}, of.figures.full_tracks);
         to.sample({{"call", "epoch"}}, of.figures.full_epochs);
     }},
    {"lkstats_reports", Type::counter, "", "Reports made; what is acknowledged as one counts as one.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.reports); }},
    {"lkstats_acknowledged_reports", Type::counter, "", "Reports that the consumer has acknowledged.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.acknowledged); }},
    {"lkstats_unacknowledged_reports", Type::gauge, "", "Reports that wait for an acknowledgement now.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.unacknowledged); }},
    {"lkstats_batches_out", Type::gauge, "", "Batches that the consumer has taken and not answered.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.batches_out); }},
    {"lkstats_batches_given_back", Type::counter, "", "Batches that the consumer has given back.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.batches_given_back); }},
    {"lkstats_callback_exceptions", Type::counter, "", "Calls of on_batch that ended with an exception.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.callbacks_thrown); }},
    {"lkstats_recovered_contexts", Type::counter, "",
     "Contexts of dead processes that this one has found in its slab directory and taken over.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.recovered_contexts); }},
    {"lkstats_recovered_tracks", Type::counter, "", "Tracks and signal connections of those contexts.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.recovered_tracks); }},
    {"lkstats_recovering_contexts", Type::gauge, "",
     "Of those contexts, the ones whose last reports are not all acknowledged yet.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.recovering); }},
    {"lkstats_recovery_damaged_tracks", Type::counter, "",
     "Tracks of those contexts whose memory did not fit together: left out, and their files kept aside.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.damaged); }},
    {"lkstats_journal_records", Type::counter, "", "Records written to the journal.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.journal.records); }},
    {"lkstats_journal_bytes", Type::counter, "bytes", "Bytes written to the journal.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.journal.bytes); }},
    {"lkstats_journal_segments", Type::counter, "", "Segments of the journal that were begun.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.journal.segments); }},
    {"lkstats_journal_failed_writes", Type::counter, "",
     "Batches that could not be written; each is tried again until it is.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.journal.failed_writes); }},
    {"lkstats_journal_failing", Type::gauge, "",
     "1 while the last write to the journal was in vain: reports wait, and windows get longer.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.journal.failing); }},
    {"lkstats_journal_removed_segments", Type::counter, "",
     "Segments removed because the journal was to be kept no larger.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.journal.removed_segments); }},
    {"lkstats_journal_removed_bytes", Type::counter, "bytes", "Bytes of those segments.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.journal.removed_bytes); }},
    {"lkstats_journal_kept_segments", Type::gauge, "",
     "Segments in the journal's directory, other processes' too, when one was last begun.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.journal.kept_segments); }},
    {"lkstats_journal_kept_bytes", Type::gauge, "bytes", "Bytes of those segments.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.journal.kept_bytes); }},
    {"lkstats_journal_left_out_batches", Type::counter, "",
     "Batches in the journal that a consumer beside it did not get: it took too slowly.",
     [](Lines &to, const Shown &of) { to.sample({}, of.figures.journal.left_out); }},
    {"lkstats_sweep_duration_seconds", Type::summary, "seconds",
     "Time that the reporter's turns took; a turn looks at some of the tracks, or at all.",
     [](Lines &to, const Shown &of) { to.summary(of.figures.sweeps); }},
    {"lkstats_batch_duration_seconds", Type::summary, "seconds",
     "Time that it took to make batches for the consumer.",
     [](Lines &to, const Shown &of) { to.summary(of.figures.batches); }},
    {"lkstats_build_info", Type::gauge, "",
     "Always 1; the library's version, and the node that it reports as.",
     [](Lines &to, const Shown &of) {
         to.sample({{"version", version}, {"node", of.node}}, 1);
     }},
};

} // namespace

std::string metrics_text(const Figures &figures, std::string_view node, uint32_t format) {
    Lines lines(format);
    const Shown shown{figures, node};
    for (const Family &family : families) {
        lines.begin(family);
        family.write(lines, shown);
    }
    return lines.take();
}

} // namespace lkstats::report
