// SPDX-License-Identifier: Apache-2.0
// Finds contexts in a slab directory whose process is gone, and holds on to one while it is recovered.
#pragma once

#include "os/folder.hpp"
#include "os/owner.hpp"
#include "recover/remains.hpp"

namespace lkstats::recover {

using Uuid = uint8_t[16];

// What a process has to do with contexts already.
class Known {
  public:
    // Says that it recovers that context from now on. False: it is one of its own that is open, or another of its
    // contexts recovers it. May throw std::bad_alloc.
    virtual bool claim(const Uuid &uuid) = 0;
    virtual void release(const Uuid &uuid) = 0;

  protected:
    ~Known() = default;
};

// The files of a dead context, locked against everybody else who recovers.
class Dead final : public Source {
  public:
    // name: of its directory's file. May throw std::bad_alloc.
    Dead(const os::Folder &folder, const std::string &name, const os::Owner &me, Known &known);
    ~Dead();
    Dead(const Dead &) = delete;
    Dead &operator=(const Dead &) = delete;

    explicit operator bool() const { return state_ == State::dead; }
    // Whether it can't be told now if it is one.
    bool failed() const { return state_ == State::failed; }

    // Nothing of it is owed, or its maker never came to the end of it. May throw std::bad_alloc.
    bool over();
    // Its directory can be followed.
    bool sound() const;
    const lkstats_slab_directory_t &directory() const { return directory_; }
    const std::string &uuid() const { return uuid_; }
    // Opens the chunks' files; one that is not there, or not ours, has nothing to read. False: another can't be opened now.
    bool open();

    // Whether there are chunks that the directory does not know. May throw std::bad_alloc.
    bool more_than_counted();

    Got read(File file, uint32_t number, uint64_t offset, std::span<uint8_t> bytes) override;
    bool write(File file, uint32_t number, uint64_t offset, std::span<const uint8_t> bytes);

    // All that is left of it goes. An interruption is no harm: it is over then. May throw std::bad_alloc.
    void remove();
    // All that is left of it is kept under names that nobody recovers. May throw std::bad_alloc.
    void keep_aside();

  private:
    enum class State {
        lives, // or somebody else is at it, or it is nothing of ours
        failed,
        dead
    };
    State look(const std::string &name, const os::Owner &me);
    State state_of_owner(const os::Descriptor &file, const os::Owner &me) const;
    bool has_magic() const;
    template <class F> void each_file(F f);

    const os::Folder &folder_;
    Known &known_;
    std::string uuid_; // as the names have it
    Uuid claimed_ = {};
    bool claim_ = false;
    State state_ = State::lives;
    os::Descriptor file_;
    lkstats_slab_directory_t directory_ = {};
    std::vector<os::Descriptor> slots_, records_;
};

// Names of directories' files. False: errno. May throw std::bad_alloc.
bool directories(const os::Folder &folder, std::vector<std::string> &names);

} // namespace lkstats::recover
