// SPDX-License-Identifier: Apache-2.0
#include "os/loop.hpp"

#include "os/clock.hpp"
#include "os/descriptor.hpp"
#include "os/seam.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <pthread.h>
#include <uv.h>

namespace lkstats::os {

struct Loop::Inside {
    uv_loop_t loop;
    uv_timer_t timer;
    uv_async_t async;
    uv_thread_t thread;
    Work *work;
    std::atomic<bool> stopping = false;

    void run();
    void keep_from_child(void (*each)(int));
};

namespace {

// A signal that the host expects on a thread of its own must not arrive here: a Go host dies of a SIGPIPE on
// a foreign thread. Those that a thread brings upon itself can't be held back.
class BlockedSignals {
  public:
    BlockedSignals() {
        sigset_t all;
        sigfillset(&all);
        for (int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT})
            sigdelset(&all, own);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_;
};

void close_handles(uv_handle_t *handle, void *) {
    if (!uv_is_closing(handle))
        uv_close(handle, nullptr);
}

lkstats_status_t status_of(int uv_error) {
    return uv_error == UV_EMFILE || uv_error == UV_ENFILE ? LKSTATS_ENOFILE : LKSTATS_ENOMEM;
}

} // namespace

void Loop::Inside::keep_from_child(void (*each)(int)) {
    for (int fd : {uv_backend_fd(&loop), loop.async_io_watcher.fd, loop.signal_pipefd[0], loop.signal_pipefd[1]})
        if (fd >= 0)
            each(fd);
}

void Loop::Inside::run() {
    if (stopping) {
        uv_walk(&loop, close_handles, nullptr);
        return;
    }
    const int64_t due = work->run();
    const int64_t wait_ns = std::max<int64_t>(0, due - now().monotonic_ns);
    uv_update_time(&loop);
    uv_timer_start(
        &timer, [](uv_timer_t *t) { static_cast<Inside *>(t->data)->run(); },
        static_cast<uint64_t>((wait_ns + 999'999) / 1'000'000), 0);
}

Loop::Loop() = default;
Loop::~Loop() { stop(); }

lkstats_status_t Loop::start(Work &work) {
    auto inside = std::make_unique<Inside>();
    inside->work = &work;
    {
        // libuv aborts the process when it runs out of descriptors at the wrong moment.
        Floor floor;
        if (!floor)
            return LKSTATS_ENOFILE;
        if (const int error = fails() ? UV_ENOMEM : uv_loop_init(&inside->loop); error != 0)
            return status_of(error);
        if (const int error = uv_async_init(&inside->loop, &inside->async,
                                            [](uv_async_t *a) { static_cast<Inside *>(a->data)->run(); });
            error != 0) {
            uv_loop_close(&inside->loop);
            return status_of(error);
        }
    }
    uv_timer_init(&inside->loop, &inside->timer);
    inside->timer.data = inside->async.data = inside.get();
    inside->keep_from_child(close_in_child);

    const BlockedSignals blocked;
    const uv_thread_options_t options = {UV_THREAD_HAS_STACK_SIZE, 256 * 1024};
    const int error = fails() ? UV_EAGAIN
                              : uv_thread_create_ex(
                                    &inside->thread, &options,
                                    [](void *self) {
                                        pthread_setname_np(pthread_self(), "lkstats");
                                        auto *in = static_cast<Inside *>(self);
                                        in->run();
                                        uv_run(&in->loop, UV_RUN_DEFAULT);
                                    },
                                    inside.get());
    if (error != 0) {
        inside->keep_from_child(forget_in_child);
        uv_walk(&inside->loop, close_handles, nullptr);
        uv_run(&inside->loop, UV_RUN_DEFAULT);
        uv_loop_close(&inside->loop);
        return LKSTATS_ENOTHREAD;
    }
    std::lock_guard lock(mutex_);
    inside_ = std::move(inside);
    return LKSTATS_OK;
}

void Loop::wake() {
    std::lock_guard lock(mutex_);
    if (inside_)
        uv_async_send(&inside_->async);
}

void Loop::stop() {
    std::unique_ptr<Inside> inside;
    {
        std::lock_guard lock(mutex_);
        if (!inside_)
            return;
        inside_->stopping = true;
        uv_async_send(&inside_->async);
        inside = std::move(inside_);
    }
    uv_thread_join(&inside->thread);
    inside->keep_from_child(forget_in_child);
    uv_loop_close(&inside->loop);
}

} // namespace lkstats::os
