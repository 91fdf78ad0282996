// SPDX-License-Identifier: Apache-2.0
#include "os/loop.hpp"

#include "os/descriptor.hpp"
#include "os/seam.hpp"
#include "os/system.hpp"

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
    uv_sem_t ready;
    Work *work;
    std::atomic<bool> stopping = false;
    bool made = false; // the loop; read by the thread after ready

    lkstats_status_t start_thread();
    lkstats_status_t make_loop();
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
    for (int fd :
         {uv_backend_fd(&loop), loop.async_io_watcher.fd, loop.signal_pipefd[0], loop.signal_pipefd[1]})
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

// libuv keeps descriptors from the first loop on: so the thread comes first, and waits for its loop.
lkstats_status_t Loop::Inside::start_thread() {
    const BlockedSignals blocked;
    const uv_thread_options_t options = {UV_THREAD_HAS_STACK_SIZE, size_t{256} * 1024};
    if (fails() || uv_sem_init(&ready, 0) != 0)
        return LKSTATS_ENOTHREAD;
    const auto body = [](void *self) {
        auto *inside = static_cast<Inside *>(self);
        uv_sem_wait(&inside->ready);
        if (!inside->made)
            return;
        pthread_setname_np(pthread_self(), "lkstats");
        inside->run();
        uv_run(&inside->loop, UV_RUN_DEFAULT);
    };
    if (!fails() && uv_thread_create_ex(&thread, &options, body, this) == 0)
        return LKSTATS_OK;
    uv_sem_destroy(&ready);
    return LKSTATS_ENOTHREAD;
}

lkstats_status_t Loop::Inside::make_loop() {
    // libuv aborts the process when it runs out of descriptors at the wrong moment.
    const Floor floor;
    if (!floor)
        return LKSTATS_ENOFILE;
    if (const int error = fails() ? UV_ENOMEM : uv_loop_init(&loop); error != 0)
        return status_of(error);
    const auto woken = [](uv_async_t *a) { static_cast<Inside *>(a->data)->run(); };
    if (const int error = fails() ? UV_ENOMEM : uv_async_init(&loop, &async, woken); error != 0) {
        uv_loop_close(&loop);
        return status_of(error);
    }
    uv_timer_init(&loop, &timer);
    timer.data = async.data = this;
    keep_from_child(close_in_child);
    made = true;
    return LKSTATS_OK;
}

lkstats_status_t Loop::start(Work &work) {
    auto inside = std::make_unique<Inside>();
    inside->work = &work;
    if (const auto status = inside->start_thread(); status != LKSTATS_OK)
        return status;
    const auto status = inside->make_loop();
    uv_sem_post(&inside->ready);
    if (status != LKSTATS_OK) {
        uv_thread_join(&inside->thread);
        uv_sem_destroy(&inside->ready);
        return status;
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
    uv_sem_destroy(&inside->ready);
}

} // namespace lkstats::os
