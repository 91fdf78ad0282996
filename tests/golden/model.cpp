// SPDX-License-Identifier: Apache-2.0
#include "model.hpp"

#include "tags.hpp"

#include "lkstats.h"

#include <algorithm>
#include <utility>

namespace golden {

namespace {

constexpr uint64_t add_end = uint64_t{1} << 35;
constexpr uint32_t intervals_to_resolve = 6;

constexpr Answers answer(lkstats_status_t status) { return 1u << -status; }
constexpr Answers ok = answer(LKSTATS_OK);
constexpr Answers invalid = answer(LKSTATS_EINVAL);
constexpr Answers stale = answer(LKSTATS_ESTALE);
constexpr Answers closed = answer(LKSTATS_ECLOSED);
constexpr Answers resolved = answer(LKSTATS_ERESOLVED);

bool too_long(const std::string &text) {
    return text.size() > LKSTATS_STRING_MAX || text.find('\0') != std::string::npos;
}
bool too_many(const Kind &kind) { return kind.details.size() > LKSTATS_KIND_DETAILS_MAX; }

class Model {
  public:
    Model(const Trace &trace, Rules rules) : trace_(trace), rules_(rules) { make(); }

    Outcome run() {
        for (; at_ < trace_.ops.size(); ++at_)
            out_.answers.push_back(call(trace_.ops[at_]));
        tags_.ends(counts() && started() && !stopped_, window_);
        out_.tags = tags_.met();
        end();
        return std::move(out_);
    }

  private:
    bool is_signal() const { return trace_.is_signal; }
    bool has(Rule rule) const { return rules_.has(rule); }
    // It is known whose traffic this is.
    bool started() const { return !is_signal() || (room_ && participant_); }
    // lkstats, everything acknowledged: what is stopped and reported is gone, and so is what never was.
    bool counts() const { return !refused_ && !given_up_; }
    bool gone() const { return !counts() || (stopped_ && started()); }

    void make() {
        const Config &config = trace_.config;
        out_.made = ok;
        if (is_signal())
            return;
        participant_ = Participant{config.participant_sid, "", config.kind};
        kind_ = config.kind;
        track_id_ = config.track_id;
        out_.observed.with_track = config.track_id;
        if (has(Rule::default_track_id) && track_id_.empty() && !config.participant_sid.empty())
            track_id_ = "TR_DT" + config.participant_sid;
        if (has(Rule::limits) && (too_long(config.country) || too_long(config.track_id) ||
                                  too_long(config.participant_sid) || too_many(config.kind))) {
            refused_ = true;
            out_.made = invalid;
        }
    }

    Answers call(const Op &op) {
        switch (op.call) {
        case Call::add:
            return add(op.bytes, op.is_send ? send : recv);
        case Call::totals:
            return tell_totals();
        case Call::tick:
            return tick();
        case Call::stop:
            return stop();
        case Call::resolve_room:
            return resolve(room_, op.room);
        case Call::resolve_participant:
            return resolve(participant_, op.participant);
        case Call::reset:
            return reset();
        case Call::resolve_room_nil:
        case Call::resolve_participant_nil:
            return gone() ? invalid | stale : invalid;
        }
        throw Mismatch("an unknown call");
    }

    Answers add(uint64_t bytes, size_t direction) {
        if (has(Rule::large_add) && bytes >= add_end)
            return invalid;
        if (!counts() || (has(Rule::late_add) && stopped_))
            return refused_ ? stale : gone() ? stale | closed : closed;
        tags_.adds(bytes, window_.by[direction], totals_.by[direction],
                   is_signal() && !participant_ && kind_ != Kind{});
        count(window_, direction, bytes);
        count(totals_, direction, bytes);
        observe(direction, has(Rule::wide_bytes) ? bytes : static_cast<uint32_t>(bytes));
        return ok;
    }

    static void count(Traffic &traffic, size_t direction, uint64_t bytes) {
        traffic.by[direction].bytes += bytes;
        ++traffic.by[direction].messages;
    }

    void observe(size_t direction, uint64_t bytes) {
        Observed &observed = out_.observed;
        ++observed.transactions;
        observed.type = "data";
        count(observed.sums, direction, bytes);
        if (observed.runs.empty() || observed.runs.back().kind != kind_)
            observed.runs.push_back({kind_, 0});
        ++observed.runs.back().transactions;
        count(has(Rule::kind_of_reported) ? unkinded_ : out_.by_kind[kind_], direction, bytes);
    }

    Answers tell_totals() {
        Event event{.what = What::totals, .after_op = at_, .totals = totals_};
        out_.events.push_back(event);
        return gone() ? stale : ok;
    }

    Answers tick() {
        if (counts() && started() && !stopped_)
            report();
        if (stopped_ && !gone() && ++waited_ == intervals_to_resolve && has(Rule::late_resolution))
            give_up();
        return ok;
    }

    Answers stop() {
        if (gone())
            return stale;
        if (!std::exchange(stopped_, true) && started())
            end_epoch();
        return ok;
    }

    // A room or a participant: the first one given is taken.
    template <class Part> Answers resolve(std::optional<Part> &known, const Part &part) {
        const Answers refusals = (gone() ? stale : 0) | (known ? resolved : 0);
        if (!takes(part))
            return refusals | invalid;
        if (!counts() || known)
            return gone() ? stale : resolved;
        known = part;
        took(part);
        if (started())
            start();
        return ok;
    }

    bool takes(const Room &room) const {
        return !room.sid.empty() && !(has(Rule::limits) && (too_long(room.sid) || too_long(room.name)));
    }
    bool takes(const Participant &participant) const {
        if (has(Rule::empty_participant) && participant.sid.empty())
            return false;
        return !(has(Rule::limits) &&
                 (too_long(participant.sid) || too_long(participant.identity) || too_many(participant.kind)));
    }

    void took(const Room &) {}
    void took(const Participant &participant) {
        kind_ = participant.kind;
        track_id_ = "TR_SG" + participant.sid;
    }

    void start() {
        tags_.starts(stopped_, *participant_);
        resolver("room", "resolve", room_->name);
        resolver("room_session", "resolve", room_->sid);
        resolver("participant", "resolve", participant_->identity);
        resolver("participant_session", "resolve", participant_->sid);
        resolver("track", "resolve", track_id_);
        say(What::joined);
        if (stopped_)
            end_epoch();
    }

    void end_epoch() {
        report();
        if (is_signal())
            say(What::left);
    }

    Answers reset() {
        if (!counts() || (has(Rule::final_stop) && stopped_ && started()))
            return stale;
        if (started() && !stopped_)
            end_epoch();
        tags_.resets(started(), stopped_, window_);
        if (started()) {
            ++epoch_;
            stopped_ = false;
        }
        room_.reset();
        participant_.reset();
        for (const char *level : {"room", "room_session", "participant", "participant_session", "track"})
            resolver(level, "reset", "");
        return ok;
    }

    void report(bool unattributed = false) {
        for (size_t direction : {recv, send}) {
            Count &count = window_.by[direction];
            tags_.finds(direction, count);
            if (has(Rule::zero_byte_window) ? count.messages == 0 : count.bytes == 0)
                continue;
            Event event = identified(What::stats);
            event.unattributed = unattributed;
            event.direction = direction;
            event.count = std::exchange(count, {});
            out_.events.push_back(event);
        }
        give_kind();
    }

    void give_kind() {
        const Traffic traffic = std::exchange(unkinded_, {});
        if (traffic == Traffic{})
            return;
        Traffic &sum = out_.by_kind[participant_ ? participant_->kind : Kind{}];
        for (size_t direction : {recv, send}) {
            sum.by[direction].bytes += traffic.by[direction].bytes;
            sum.by[direction].messages += traffic.by[direction].messages;
        }
    }

    void give_up() {
        report(true);
        given_up_ = true;
    }

    // The host closes the context that the trace had to itself.
    void end() {
        if (!counts())
            return;
        if (started())
            stop();
        else if (has(Rule::unresolved_at_close))
            give_up();
    }

    Event identified(What what) const {
        Event event{.what = what, .after_op = at_, .epoch = epoch_};
        event.country = is_signal() ? "" : trace_.config.country;
        event.room = room_.value_or(Room{});
        event.participant = participant_.value_or(Participant{});
        event.track_id = participant_ ? track_id_ : "";
        return event;
    }
    void say(What what) { out_.events.push_back(identified(what)); }

    void resolver(const char *level, const char *call, const std::string &value) {
        out_.observed.resolver.push_back({at_, level, call, value});
    }

    const Trace &trace_;
    const Rules rules_;
    Outcome out_;
    Tags tags_;
    size_t at_ = 0;

    bool refused_ = false;  // it could not be made
    bool given_up_ = false; // reported as unattributed
    bool stopped_ = false;
    uint32_t waited_ = 0; // intervals since stop
    uint32_t epoch_ = 1;
    std::optional<Room> room_;
    std::optional<Participant> participant_;
    std::string track_id_;
    Kind kind_; // what observability is told just now
    Traffic window_;
    Traffic totals_;
    Traffic unkinded_; // counted, and under no kind yet
};

} // namespace

Outcome outcome(const Trace &trace, Rules rules) { return Model(trace, rules).run(); }

std::vector<Event> before_the_end(const Trace &trace, const std::vector<Event> &events) {
    std::vector<Event> before;
    std::ranges::copy_if(events, std::back_inserter(before),
                         [&](const Event &event) { return event.after_op < trace.ops.size(); });
    return before;
}

} // namespace golden
