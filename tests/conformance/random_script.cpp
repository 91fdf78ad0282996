// SPDX-License-Identifier: Apache-2.0
// random_script SEED COMMANDS: a script of stories, the same one for the same arguments. Most of it is what a server
// does, so that reports come, are answered, given back and asked for again; some of it is refused. It knows nothing of
// the library: only what a script may not do, so that each language's host can make the same calls.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string>
#include <vector>

namespace {

// Steele, Lea and Flood: SplitMix64.
class Random {
  public:
    explicit Random(uint64_t seed) : state_(seed) {}
    uint64_t next() {
        uint64_t x = state_ += 0x9e3779b97f4a7c15;
        x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
        x = (x ^ x >> 27) * 0x94d049bb133111eb;
        return x ^ x >> 31;
    }
    uint64_t below(uint64_t limit) { return next() % limit; }
    bool one_in(uint64_t times) { return below(times) == 0; }
    template <class T, size_t count> const T &of(const T (&items)[count]) { return items[below(count)]; }

  private:
    uint64_t state_;
};

struct Handle {
    std::string name;
    bool is_signal;
    unsigned resets = 0;
};

// Resets of one connection, so that a close knows how many epochs it may have to wait for.
constexpr unsigned resets_most = 5;
constexpr size_t batches_out_most = 3;

class Script {
  public:
    Script(uint64_t seed, unsigned long commands) : random_(seed), commands_(commands) {}

    void write() {
        while (written_ < commands_)
            story();
    }

  private:
    // In the order in which they stand: so a seed gives the same script whatever the compiler.
    void line(std::initializer_list<std::string> words) {
        const char *between = "";
        for (const std::string &word : words) {
            std::printf("%s%s", between, word.c_str());
            between = " ";
        }
        std::printf("\n");
        ++written_;
    }
    std::string number(uint64_t of) { return std::to_string(of); }

    // ---- Words

    std::string text(const char *what, uint64_t kinds) {
        std::string said = "=";
        if (random_.one_in(8))
            return said;
        said += what;
        said += number(random_.below(kinds));
        if (random_.one_in(20))
            said += "%20%C3%BC%E2%82%AC%F0%9F%A6%86%25";
        if (random_.one_in(40))
            said.append(200, 'x');
        return said;
    }
    std::string malformed() {
        static const char *const all[] = {"=%FF",       "=a%00b",        "=%C0%AF",
                                          "=%ED%A0%80", "=%F4%90%80%80", "=%E2%82"};
        std::string said = "=";
        if (random_.one_in(4))
            return said.append(257, 'y');
        return random_.of(all);
    }
    std::string details(uint64_t count) {
        std::string said;
        for (uint64_t i = 0; i < count; ++i) {
            if (i != 0)
                said += ',';
            said += std::to_string(static_cast<int64_t>(random_.below(9)) - 2);
        }
        return count == 0 ? "-" : said;
    }
    std::string few_details() { return details(random_.one_in(3) ? random_.below(5) : 0); }
    std::string kind() { return std::to_string(static_cast<int64_t>(random_.below(7)) - 1); }
    std::string flag(uint64_t one_in) { return random_.one_in(one_in) ? "1" : "0"; }
    std::string direction() { return flag(2); }
    std::string bytes() {
        switch (random_.below(40)) {
        case 0:
            return number(random_.below(uint64_t{1} << 34));
        case 1:
            return number((uint64_t{1} << 35) + random_.below(uint64_t{1} << 36)); // refused
        case 2:
            return "0";
        default:
            return number(random_.below(2000));
        }
    }
    std::string messages() {
        return number(random_.one_in(50) ? (uint64_t{1} << 26) - random_.below(2) : random_.below(9));
    }
    std::string new_name(char what) {
        std::string name(1, what);
        return name += number(++names_);
    }
    // Now and then one that nobody has.
    std::string handle() {
        if (handles_.empty() || random_.one_in(100))
            return "nobody";
        return handles_[random_.below(handles_.size())].name;
    }

    // ---- Stories

    void story() {
        std::string name = "random_";
        name += number(++stories_);
        std::printf("\n");
        line({"story", name});
        names_ = 0;
        handles_.clear();
        batches_.clear();
        if (random_.one_in(4))
            refused_open();
        for (uint64_t contexts = 1 + random_.below(3); contexts != 0; --contexts)
            context(contexts == 1);
    }

    void refused_open() {
        line({"open", malformed(), "=key 1000 0 0 0"});
        line({"open =node =key 99 0 0 0"});
        line({"open =node =key 1000 0 1 0"});
        line({"run 1"});
    }

    void context(bool is_last) {
        static const char *const intervals_ms[] = {"0", "100", "500", "1000", "1000", "5000"};
        const bool is_small = random_.one_in(4);
        const std::string max_tracks = number(is_small ? 3 + random_.below(6) : 0);
        now_ns_ = random_.below(2000000000);
        handles_.clear();
        batches_.clear();
        line({"open", text("ND_", 3), text("key", 3), random_.of(intervals_ms), max_tracks,
              is_small ? flag(2) : "0", flag(12)});
        line({"run", number(now_ns_)});
        for (uint64_t calls = 100 + random_.below(300); calls != 0; --calls)
            call();
        if (is_last && random_.one_in(3))
            abandon();
        else
            close();
    }

    void call() {
        const uint64_t which = random_.below(100);
        if (which < 6)
            track();
        else if (which < 11)
            signal();
        else if (which < 42)
            add();
        else if (which < 54)
            identity();
        else if (which < 58)
            reset();
        else if (which < 71)
            run();
        else if (which < 90)
            report();
        else if (which < 93)
            line({"totals", handle()});
        else if (which < 96)
            line({"stop", handle()});
        else if (which < 98)
            line({"flush", random_.one_in(3) ? "*" : handle()});
        else if (which < 99)
            line({"metrics", number(random_.below(random_.one_in(5) ? 4 : 2))});
        else
            other();
    }

    void track() {
        const bool is_bad = random_.one_in(12);
        const std::string name = new_name('t');
        line({"track", name, is_bad && random_.one_in(2) ? "7" : number(random_.below(3)), kind(),
              random_.one_in(30) ? details(31 + random_.below(3)) : few_details(), text("C", 4),
              text("RM_", 9), text("room", 9), text("PA_", 99), text("who", 99),
              random_.one_in(3) ? text("DTR_", 99) : "=", is_bad ? malformed() : text("tenant", 3)});
        if (!is_bad)
            handles_.push_back({name, false});
    }

    void signal() {
        const bool is_bad = random_.one_in(15);
        const std::string name = new_name('s');
        line({"signal", name, is_bad ? malformed() : text("C", 4), text("tenant", 3)});
        if (!is_bad)
            handles_.push_back({name, true});
    }

    void add() {
        if (random_.one_in(4))
            line({"add", handle(), bytes(), messages(), direction()});
        else
            line({"bytes", handle(), bytes(), direction()});
    }

    Handle *some_signal() {
        for (int tries = 0; tries < 4 && !handles_.empty(); ++tries) {
            Handle &found = handles_[random_.below(handles_.size())];
            if (found.is_signal)
                return &found;
        }
        return nullptr;
    }

    // Of one that is known already, too: the library says so.
    void identity() {
        const Handle *found = some_signal();
        if (found == nullptr)
            return signal();
        const bool is_bad = random_.one_in(20);
        if (random_.one_in(2))
            line(
                {"room", found->name, is_bad ? malformed() : text("RM_", 9), text("room", 9), some_tenant()});
        else
            line({"participant", found->name, text("PA_", 99), is_bad ? malformed() : text("who", 99), kind(),
                  few_details(), some_tenant()});
    }

    // Most say none: then the room's or the connection's counts.
    std::string some_tenant() { return random_.one_in(3) ? text("payer", 5) : "="; }

    void reset() {
        Handle *found = some_signal();
        if (found == nullptr || found->resets == resets_most)
            return run();
        ++found->resets;
        line({"reset", found->name});
    }

    void run() {
        static const uint64_t steps_ms[] = {0, 50, 100, 100, 200, 500, 1000, 1000, 1000, 5000};
        if (random_.one_in(40))
            return line({"run", number(now_ns_ / 2)}); // back
        now_ns_ += random_.one_in(40) ? uint64_t{31000000000} : random_.of(steps_ms) * 1000000;
        if (random_.one_in(10))
            now_ns_ += random_.below(1000);
        line({"run", number(now_ns_)});
    }

    // ---- Reports

    void take() {
        batches_.push_back(new_name('b'));
        line({"next", batches_.back()});
    }

    void answer(size_t at, bool is_good) {
        const std::string name = batches_[at];
        batches_.erase(batches_.begin() + static_cast<std::ptrdiff_t>(at));
        if (random_.one_in(4))
            line({"stats", name});
        line({is_good ? "ack" : "nack", name});
        if (random_.one_in(30))
            line({random_.one_in(2) ? "ack" : "nack", name}); // twice
    }

    void report() {
        if (batches_.empty() || (batches_.size() < batches_out_most && random_.one_in(3))) {
            if (random_.one_in(3))
                run();
            take();
        } else {
            answer(random_.below(batches_.size()), !random_.one_in(6));
        }
    }

    void other() {
        switch (random_.below(3)) {
        case 0:
            return line({"track_id", number(random_.below(4)), text("PA_", 99)});
        case 1:
            return line({"ack nobody"});
        default:
            // Whoever has forgotten what it took: nothing is out, so that each language can say so.
            while (!batches_.empty())
                answer(0, random_.one_in(2));
            return line({"redeliver"});
        }
    }

    // ---- The end

    // A handle of a context that closes or is closed may be asked anything.
    void ask_handles() {
        static const char *const calls[] = {"totals", "stop", "flush"};
        for (uint64_t left = handles_.empty() ? 0 : random_.below(9); left != 0; --left) {
            const Handle &found = handles_[random_.below(handles_.size())];
            switch (random_.below(found.is_signal ? 5 : 3)) {
            case 0:
                line({"bytes", found.name, number(random_.below(100)), direction()});
                break;
            case 1:
                line({"add", found.name, "1 1", direction()});
                break;
            case 2:
                line({random_.of(calls), found.name});
                break;
            case 3:
                line({"reset", found.name});
                break;
            default:
                line({"room", found.name, "=RM_1 =room ="});
            }
        }
    }

    void abandon() {
        line({"abandon"});
        ask_handles();
    }

    void close() {
        line({"close"});
        ask_handles();
        while (!batches_.empty())
            answer(batches_.size() - 1, random_.one_in(2));
        // Two batches an epoch, one epoch after the other.
        for (unsigned round = 0; round < 2 * (resets_most + 1) + 1; ++round) {
            const std::string name = new_name('b');
            line({"next", name});
            line({"stats", name});
            line({"ack", name});
        }
        line({"close"});
        ask_handles();
        static const char *const calls[] = {"run 1",     "flush *",   "next late",
                                            "redeliver", "metrics 0", "close"};
        for (const char *call : calls)
            if (random_.one_in(3))
                line({call});
    }

    Random random_;
    const unsigned long commands_;
    unsigned long written_ = 0;
    unsigned long stories_ = 0;
    uint64_t names_ = 0; // given in this story
    uint64_t now_ns_ = 0;
    std::vector<Handle> handles_;
    std::vector<std::string> batches_; // not answered
};

} // namespace

int main(int count, char **words) {
    if (count != 3) {
        std::fprintf(stderr, "usage: random_script SEED COMMANDS\n");
        return 2;
    }
    Script(std::strtoull(words[1], nullptr, 10), std::strtoul(words[2], nullptr, 10)).write();
    return std::fflush(stdout) == 0 ? 0 : 1;
}
