// SPDX-License-Identifier: Apache-2.0
// slab_dir, journal_dir and on_log in C++: each option arrives, and the end of a context writes the last reports.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <utility>

#include "cpp_host.hpp"

using namespace lkstats;

namespace {

// A directory of a story's own, which goes with it.
class Folder {
  public:
    explicit Folder(std::string parent = std::filesystem::temp_directory_path()) {
        path_ = parent + "/lkstats.XXXXXX";
        assert_non_null(mkdtemp(path_.data()));
    }
    Folder(const Folder &) = delete;
    Folder &operator=(const Folder &) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::string &path() const { return path_; }
    size_t count() const {
        return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(path_), {}));
    }
    // Of all files in it, one after the other.
    std::string bytes() const {
        std::string all;
        for (const auto &entry : std::filesystem::directory_iterator(path_)) {
            std::ifstream file(entry.path(), std::ios::binary);
            all.append(std::istreambuf_iterator<char>(file), {});
        }
        return all;
    }

  private:
    std::string path_;
};

bool in_memory(const std::string &path) {
    struct statfs found;
    return statfs(path.c_str(), &found) == 0 && found.f_type == TMPFS_MAGIC;
}

Options to_journal(const Folder &folder) {
    Options options;
    options.flags = LKSTATS_NO_THREAD;
    options.journal_dir = folder.path();
    return options;
}

Status opened(const Options &options) { return Context(options).status(); }

void a_directory_that_will_not_do_is_refused(void **) {
    const Folder folder;
    const std::string missing = folder.path() + "/missing", shared = folder.path() + "/shared";
    assert_true(std::filesystem::create_directory(shared));
    assert_int_equal(chmod(shared.c_str(), 0777), 0);
    for (const std::string_view path :
         {std::string_view("/dev/null"), std::string_view(missing), std::string_view(shared)}) {
        Options slab, journal;
        slab.slab_dir = journal.journal_dir = path;
        slab.flags = journal.flags = LKSTATS_NO_THREAD;
        assert_status(LKSTATS_EDIR, opened(slab));
        assert_status(LKSTATS_EDIR, opened(journal));
    }
}

void a_segment_is_of_a_size_and_an_age(void **) {
    const Folder folder;
    Options options = to_journal(folder);
    options.journal_segment_bytes = LKSTATS_JOURNAL_SEGMENT_MIN_BYTES - 1;
    assert_status(LKSTATS_EINVAL, opened(options));
    options = to_journal(folder);
    options.journal_segment_age_ms = LKSTATS_JOURNAL_SEGMENT_AGE_MIN_MS - 1;
    assert_status(LKSTATS_EINVAL, opened(options));
    options = to_journal(folder);
    options.flags |= LKSTATS_NO_REPORTS;
    assert_status(LKSTATS_EINVAL, opened(options));
    assert_int_equal(folder.count(), 0);
}

// How many segments there are when each of ten windows has come into one of its own, but for what is not kept.
size_t segments_of_ten(Options options, const Folder &folder) {
    options.journal_segment_age_ms = LKSTATS_JOURNAL_SEGMENT_AGE_MIN_MS;
    const Context context = host::open(options);
    const Track track = host::track(context, "PA_aged");
    for (int64_t window = 1; window <= 10; ++window) {
        assert_status(LKSTATS_OK, track.add_bytes(1, true));
        host::run(context, window * host::tick);
    }
    return folder.count();
}

void old_segments_go_by_count_or_by_size(void **) {
    const Folder all, few, small;
    Options options = to_journal(all);
    assert_int_equal(segments_of_ten(options, all), 10);
    options = to_journal(few);
    options.journal_keep_segments = 3;
    assert_int_equal(segments_of_ten(options, few), 3);
    options = to_journal(small);
    options.journal_keep_bytes = 1;
    assert_int_equal(segments_of_ten(options, small), 1); // the open one always stays
}

void the_end_of_a_context_writes_the_last_reports(void **) {
    for (const uint32_t flags : {0u, uint32_t{LKSTATS_NO_THREAD}, uint32_t{LKSTATS_JOURNAL_SYNC}}) {
        const Folder folder;
        {
            Options options = to_journal(folder);
            options.flags = flags;
            Context made(options);
            const Context context(std::move(made)); // it is still one that writes
            assert_status(LKSTATS_OK, context.status());
            assert_status(LKSTATS_OK, host::track(context, "PA_written").add_bytes(5, true));
        }
        assert_int_equal(folder.count(), 1);
        assert_true(folder.bytes().find("PA_written") != std::string::npos);
    }
}

// Each record once, after it is in the journal, whatever the answer.
void what_is_taken_beside_a_journal_is_what_it_has(void **) {
    const Folder folder;
    const Context context = host::open(to_journal(folder));
    const Track track = host::track(context, "PA_beside");
    assert_status(LKSTATS_OK, track.add_bytes(5, true));
    host::run(context, host::tick);
    assert_true(folder.bytes().find("PA_beside") != std::string::npos);
    {
        const Batch given_back = context.next();
        assert_int_equal(given_back.size(), 1);
        assert_int_equal((*given_back.begin()).window.send_bytes, 5);
    }
    host::run(context, 2 * host::tick);
    assert_status(LKSTATS_EAGAIN, context.next().status()); // the journal has it
    assert_status(LKSTATS_OK, context.flush(0));
}

struct Told {
    int32_t level = 0;
    std::string text;
};

void tell(uint64_t user_data, int32_t level, const char *message, uint64_t size) {
    auto &told = *reinterpret_cast<Told *>(static_cast<uintptr_t>(user_data));
    told.level = level;
    told.text.assign(message, size);
}

void a_slab_on_a_disk_is_told(void **) {
    const Folder folder;
    if (in_memory(folder.path()))
        skip();
    Told told;
    Options options;
    options.flags = LKSTATS_NO_THREAD;
    options.slab_dir = folder.path();
    options.on_log = tell;
    options.user_data = reinterpret_cast<uintptr_t>(&told);
    {
        const Context context = host::open(options);
        assert_int_equal(told.level, LKSTATS_LOG_WARNING);
        assert_true(told.text.find(folder.path()) != std::string::npos);
        assert_true(folder.count() > 0);
    }
    assert_int_equal(folder.count(), 0);
}

void the_next_context_reports_what_a_process_left(void **) {
    const Folder folder;
    Options options;
    options.slab_dir = folder.path();
    options.node = "node-before";
    host::in_child([&] {
        const Context context = host::open(options);
        const Track track = host::track(context, "PA_left");
        require_status(LKSTATS_OK, track.add_messages(700, 7, false));
        std::_Exit(0); // nothing ends
    });
    assert_true(folder.count() > 0);

    options.node = "node-after";
    const Context context = host::open(options);
    const Track own = host::track(context, "PA_own");
    assert_status(LKSTATS_OK, own.add_bytes(1, true));
    host::run(context, host::tick);
    Batch batch = context.next();
    assert_true(batch.node() == "node-before");
    assert_int_equal(batch.size(), 1);
    const Record left = *batch.begin();
    assert_true(view(left.participant_sid) == "PA_left");
    host::assert_traffic(left.window, 0, 0, 700, 7);
    assert_status(LKSTATS_OK, batch.ack());

    batch = context.next();
    assert_true(batch.node() == "node-after");
    assert_int_equal(batch.size(), 1);
    const lkstats_key_t &key = (*batch.begin()).key;
    assert_memory_not_equal(key.context, left.key.context, sizeof key.context);
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_directory_that_will_not_do_is_refused),
        cmocka_unit_test(a_segment_is_of_a_size_and_an_age),
        cmocka_unit_test(old_segments_go_by_count_or_by_size),
        cmocka_unit_test(the_end_of_a_context_writes_the_last_reports),
        cmocka_unit_test(what_is_taken_beside_a_journal_is_what_it_has),
        cmocka_unit_test(a_slab_on_a_disk_is_told),
        cmocka_unit_test(the_next_context_reports_what_a_process_left),
    };
    return cmocka_run_group_tests_name("cpp_files", tests, nullptr, nullptr);
}
