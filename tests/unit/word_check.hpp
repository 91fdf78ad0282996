// SPDX-License-Identifier: Apache-2.0
// Walks every interleaving of a few threads on one word. The threads run the code of slab/word.hpp itself;
// its cells are played by a tape, which repeats what the operation under way has already seen, takes one
// atomic step more, and leaves at the next. So a thread between two steps is nothing but the results it has
// got, a state can be compared with one that was visited, and the walk is complete. It knows one order of
// all steps; the memory orders that the code relies on are looked at where they are named.
#pragma once

#include "slab/word.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csetjmp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lkstats::check {

using slab::Reading;
using slab::Tally;

inline Tally operator+(Tally a, Tally b) { return {a.bytes + b.bytes, a.messages + b.messages}; }

// Who takes part, and what each of them does.
struct Plan {
    const char *name;
    std::vector<std::vector<Tally>> adders;
    unsigned folds = 0;
    unsigned looks = 0; // of a viewer in another process
    bool stops = false;
    bool paced = true; // adds keep within the bound
    Tally start = {};  // counted before: where in its round the word begins
};

struct Outcome {
    uint64_t states = 0;
    std::string fault; // empty: every promise was kept in every state
};

// Hashes of 128 bits stand for the states: two that meet by chance are out of reach.
struct Hash {
    uint64_t a = 0x9e3779b97f4a7c15U;
    uint64_t b = 0xd1b54a32d192ed03U;

    void mix(uint64_t value) {
        a = (a ^ value) * 0xff51afd7ed558ccdU;
        a ^= a >> 32;
        b = (b + value) * 0xc4ceb9fe1a85ec53U;
        b ^= b >> 29;
    }
    void mix(Tally tally) {
        mix(static_cast<uint64_t>(tally.bytes) << 32 ^ static_cast<uint64_t>(tally.messages));
    }
};

class Visited {
  public:
    bool insert(Hash hash) {
        if (2 * count >= table.size())
            grow();
        if (!place(hash))
            return false;
        ++count;
        return true;
    }
    uint64_t size() const { return count; }

  private:
    // a is never 0 in a used place.
    bool place(Hash hash) {
        hash.a |= 1;
        for (uint64_t at = hash.b & (table.size() - 1);; at = (at + 1) & (table.size() - 1)) {
            if (table[at].first == 0) {
                table[at] = {hash.a, hash.b};
                return true;
            }
            if (table[at] == std::pair{hash.a, hash.b})
                return false;
        }
    }
    void grow() {
        std::vector<std::pair<uint64_t, uint64_t>> old(std::max<uint64_t>(1024, table.size() * 2));
        old.swap(table);
        for (const auto &[a, b] : old) {
            if (a != 0)
                place({a, b});
        }
    }

    std::vector<std::pair<uint64_t, uint64_t>> table;
    uint64_t count = 0;
};

template <unsigned MessageBits, unsigned ByteBits> class Explorer {
  public:
    explicit Explorer(const Plan &what) : plan(what), adders(static_cast<unsigned>(what.adders.size())) {}

    Outcome run() {
        State first;
        const auto carries = static_cast<uint64_t>(plan.start.bytes >> ByteBits);
        const uint64_t rounds = (static_cast<uint64_t>(plan.start.messages) + carries) >> MessageBits;
        first.word = first.last = W::of(plan.start);
        first.carry = carries + (rounds << 32);
        first.counted = first.totals = plan.start;
        visit(first);
        if (!fault.empty()) {
            fault += "; schedule:";
            for (const unsigned thread : path)
                fault += ' ' + std::to_string(thread);
        }
        return {visited.size(), fault};
    }

  private:
    using W = slab::Word<MessageBits, ByteBits>;
    static constexpr size_t most_threads = 6;
    static constexpr size_t most_results = 32;
    enum Life : uint64_t { live, stopping, closed };

    struct Thread {
        uint32_t operation = 0;
        uint32_t results = 0;
        std::array<uint64_t, most_results> result;
        Tally counted; // when it last read the word
    };

    struct State {
        uint64_t word = 0;
        uint64_t carry = 0;
        uint64_t life = live;
        Tally kept; // by the stop, for whoever finds the word closed
        // Under the cold lock.
        Tally totals;
        uint64_t last = 0;
        // The viewer's own.
        Tally seen;
        uint64_t seen_last = 0;
        bool seen_right = false;
        // What the word should stand for: no thread reads these.
        Tally counted;
        Tally since_fold;
        Tally since_look;
        std::array<Thread, most_threads> threads;
    };

    struct Tape {
        enum Exit { entered, paused, blocked };
        State &state;
        Thread &self;
        Explorer &owner;
        unsigned number;
        Tally amount = {};
        uint32_t at = 0;
        bool acted = false;
        std::jmp_buf exit = {};

        // Nothing on the way out has a destructor.
        template <class Act> uint64_t step(Act act) {
            if (at < self.results)
                return self.result[at++];
            if (acted)
                std::longjmp(exit, paused);
            acted = true;
            const uint64_t result = act(state);
            if (at == most_results) {
                owner.fail("an operation takes more steps than a log has room for");
                std::longjmp(exit, blocked);
            }
            self.result[at++] = result;
            self.results = at;
            return result;
        }
    };

    enum class Place { word, carry };

    struct Cell {
        Tape *tape;
        Place place;

        uint64_t load(std::memory_order order) const {
            if (place == Place::carry && order != std::memory_order_acquire)
                tape->owner.fail("a carry is read without acquire");
            return tape->step([this](State &state) {
                if (place == Place::carry)
                    return state.carry;
                tape->self.counted = state.counted;
                tape->owner.has_read(state, *tape);
                return state.word;
            });
        }

        uint64_t fetch_add(uint64_t value, std::memory_order order) {
            if (place == Place::carry && order != std::memory_order_release)
                tape->owner.fail("a carry is posted without release");
            return tape->step([this, value](State &state) {
                if (place == Place::carry)
                    return std::exchange(state.carry, state.carry + value);
                if ((state.word & W::closed) == 0) {
                    if (!tape->owner.within_bound(state, tape->amount))
                        std::longjmp(tape->exit, Tape::blocked);
                    state.counted = state.counted + tape->amount;
                    tape->owner.has_added(state, tape->amount);
                }
                return std::exchange(state.word, (state.word + value) & W::mask);
            });
        }

        bool compare_exchange_strong(uint64_t &expected, uint64_t desired, std::memory_order,
                                     std::memory_order) {
            const uint64_t found = tape->step([&](State &state) {
                if (state.word != expected)
                    return state.word;
                tape->self.counted = state.counted;
                return std::exchange(state.word, desired);
            });
            return std::exchange(expected, found) == found;
        }
    };

    // Threads are numbered: the adders, the reader, the viewer, the stopper.
    unsigned reader() const { return adders; }
    unsigned viewer() const { return adders + 1; }
    unsigned stopper() const { return adders + 2; }

    size_t operations(unsigned thread) const {
        if (thread < adders)
            return plan.adders[thread].size();
        return thread == reader() ? plan.folds : thread == viewer() ? plan.looks : plan.stops;
    }

    void fail(const char *why) {
        if (fault.empty())
            fault = why;
    }
    void expect(bool kept, const char *promise) {
        if (!kept) [[unlikely]]
            fail(promise);
    }

    // An add waits when it would take the word around the field before the next fold, or before the next
    // look of a viewer that will come back.
    bool within_bound(const State &state, Tally amount) const {
        const auto fits = [amount](Tally since) {
            return since.bytes + amount.bytes < W::byte_range &&
                   since.messages + amount.messages < W::message_range;
        };
        const Thread &look = state.threads[viewer()];
        const bool awaited = look.operation < plan.looks && look.operation + look.results > 0;
        return !plan.paced || (fits(state.since_fold) && (!awaited || fits(state.since_look)));
    }

    // Past the bound nobody asks, and the state stays small.
    void has_added(State &state, Tally amount) const {
        if (plan.paced) {
            state.since_fold = state.since_fold + amount;
            state.since_look = state.since_look + amount;
        }
    }

    // A first sight has two readings, and may take the earlier one.
    void has_read(State &state, const Tape &tape) const {
        if (tape.number == reader())
            state.since_fold = {};
        if (tape.number == viewer() && (tape.self.operation > 0 || tape.at < 2))
            state.since_look = {};
    }

    void add(Tape &tape) {
        tape.amount = plan.adders[tape.number][tape.self.operation];
        if (plan.stops && tape.step([](State &state) { return state.life; }) != live)
            return;
        const uint32_t at = tape.at;
        Cell word{&tape, Place::word}, carry{&tape, Place::carry};
        const bool counted = W::add(word, carry,
                                    W::increment(static_cast<uint64_t>(tape.amount.bytes),
                                                 static_cast<uint64_t>(tape.amount.messages)));
        expect(counted == ((tape.self.result[at] & W::closed) == 0),
               "an add is told something else than what became of it");
    }

    void fold(Tape &tape) {
        State &state = tape.state;
        if (state.life == closed)
            return;
        const Reading now = W::read(Cell{&tape, Place::word}, Cell{&tape, Place::carry});
        const Tally total = W::window(state.totals, state.last, now);
        if (plan.paced) {
            expect(total.bytes >= state.totals.bytes && total.messages >= state.totals.messages,
                   "a window is negative");
            expect(total == tape.self.counted, "a window is not what was added");
        }
        expect(total.bytes <= tape.self.counted.bytes, "more bytes than were added");
        state.totals = total;
        state.last = now.word & ~W::closed;
    }

    void stop(Tape &tape) {
        tape.step([](State &state) { return state.life = stopping; });
        const auto keep = [&tape](Tally final) {
            tape.step([final](State &state) {
                state.kept = final;
                return uint64_t{0};
            });
        };
        Cell word{&tape, Place::word};
        const Tally final =
            W::close(word, Cell{&tape, Place::carry}, tape.state.totals, tape.state.last, keep);
        expect(final == tape.self.counted, "the final is not what was added before the word was closed");
        tape.step([](State &state) { return state.life = closed; });
        tape.state.totals = final;
    }

    void look(Tape &tape) {
        State &state = tape.state;
        const Cell word{&tape, Place::word}, carry{&tape, Place::carry};
        const bool first = tape.self.operation == 0;
        Reading now = W::read(word, carry);
        Tally total = first ? W::glance(now) : W::window(state.seen, state.seen_last, now);
        if (first) {
            const Reading again = W::read(word, carry);
            const Tally second = W::glance(again);
            if ((again.word & W::closed) != 0 ||
                std::pair{second.bytes, second.messages} > std::pair{total.bytes, total.messages}) {
                now = again;
                total = second;
            }
        }
        if ((now.word & W::closed) != 0) {
            tape.step([](State &) { return uint64_t{0}; });
            total = state.kept;
        }
        expect(total.bytes <= tape.self.counted.bytes, "a viewer sees more bytes than were added");
        expect(first || total.bytes >= state.seen.bytes, "a viewer goes back in bytes");
        const bool right = total == tape.self.counted;
        if (plan.paced) {
            // Bytes that were on their way at first sight were taken for messages.
            const int64_t mistaken = (total.bytes - state.seen.bytes) >> ByteBits;
            expect(first || total.messages + mistaken >= state.seen.messages,
                   "a viewer goes back in messages");
            expect(right || !state.seen_right, "a viewer was right and is no longer");
        }
        state.seen_right = right;
        state.seen = total;
        state.seen_last = now.word & ~W::closed;
    }

    void operate(Tape &tape) {
        if (tape.number < adders)
            add(tape);
        else if (tape.number == reader())
            fold(tape);
        else if (tape.number == viewer())
            look(tape);
        else
            stop(tape);
        ++tape.self.operation;
        tape.self.results = 0;
        tape.self.counted = {};
    }

    // One step of one thread; false: it has none to take.
    bool advance(State &state, unsigned thread) {
        Thread &self = state.threads[thread];
        if (self.operation == operations(thread))
            return false;
        // The cold lock: a fold and a stop exclude each other.
        if (thread == reader() && state.threads[stopper()].results > 0)
            return false;
        if (thread == stopper() && state.threads[reader()].results > 0)
            return false;
        Tape tape{state, self, *this, thread};
        switch (setjmp(tape.exit)) {
        case Tape::entered:
            operate(tape);
            return true;
        case Tape::paused:
            return true;
        default:
            return false;
        }
    }

    // With no add between its step on the word and its return, totals are exact, past the bound too.
    void expect_rest(const State &state) {
        for (unsigned thread = 0; thread < adders; ++thread) {
            if (state.threads[thread].results > (plan.stops ? 1 : 0))
                return;
        }
        const bool final = (state.word & W::closed) != 0;
        const Reading now{state.carry, state.word};
        expect((final ? state.kept : W::window(state.totals, state.last, now)) == state.counted,
               "totals are wrong although every add has returned");
        if (state.threads[viewer()].operation > 0 && !final)
            expect(W::window(state.seen, state.seen_last, now) == state.counted,
                   "a viewer is wrong although every add has returned");
    }

    // Adders with the same adds to make are as good as each other.
    Hash hash(const State &state) const {
        Hash all;
        for (const uint64_t value :
             {state.word, state.carry, state.life, state.last, state.seen_last, uint64_t{state.seen_right}})
            all.mix(value);
        for (const Tally tally :
             {state.kept, state.totals, state.seen, state.counted, state.since_fold, state.since_look})
            all.mix(tally);
        Hash threads{0, 0};
        for (unsigned thread = 0; thread < adders + 3; ++thread) {
            const Thread &each = state.threads[thread];
            Hash one;
            one.mix(thread < adders ? static_cast<uint64_t>(std::find(plan.adders.begin(), plan.adders.end(),
                                                                      plan.adders[thread]) -
                                                            plan.adders.begin())
                                    : thread);
            one.mix(each.operation);
            one.mix(each.counted);
            for (uint32_t at = 0; at < each.results; ++at)
                one.mix(each.result[at]);
            one.mix(each.results);
            threads.a += one.a;
            threads.b += one.b;
        }
        all.mix(threads.a);
        all.mix(threads.b);
        return all;
    }

    void visit(const State &state) {
        if (!visited.insert(hash(state)))
            return;
        expect_rest(state);
        for (unsigned thread = 0; thread < adders + 3 && fault.empty(); ++thread) {
            State next = state;
            path.push_back(thread);
            if (advance(next, thread) && fault.empty())
                visit(next);
            if (!fault.empty())
                return;
            path.pop_back();
        }
    }

    const Plan &plan;
    const unsigned adders;
    Visited visited;
    std::vector<unsigned> path;
    std::string fault;
};

} // namespace lkstats::check
