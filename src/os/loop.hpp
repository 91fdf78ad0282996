// SPDX-License-Identifier: Apache-2.0
// The library's thread: one libuv loop with one timer and one wake-up.
#pragma once

#include "lkstats.h"

#include <memory>
#include <mutex>

namespace lkstats::os {

class Loop {
  public:
    // What the thread does each time: at its own instants, and after a wake.
    class Work {
      public:
        // Returns when to run again, on the monotonic clock.
        virtual int64_t run() = 0;

      protected:
        ~Work() = default;
    };

    Loop();
    ~Loop(); // stops
    // LKSTATS_ENOFILE, LKSTATS_ENOMEM, LKSTATS_ENOTHREAD. work runs from then on.
    lkstats_status_t start(Work &work);
    // Any thread, also before start and after stop.
    void wake();
    // Not from the thread itself. When it returns the thread is gone.
    void stop();

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
    std::mutex mutex_; // of inside_, against wake
};

} // namespace lkstats::os
