// SPDX-License-Identifier: Apache-2.0
// Finds contexts in a slab directory whose process is gone, and holds on to one while it is recovered.
#pragma once

#include "os/folder.hpp"
#include "os/owner.hpp"
#include "recover/remains.hpp"

namespace lkstats::recover {

// Whether a context of this process's own has that uuid.
class Known {
  public:
    virtual bool open(const uint8_t (&uuid)[16]) = 0;

  protected:
    ~Known() = default;
};

// The files of a dead context, locked against everybody else who recovers.
class Dead final : public Source {
  public:
    // name: of its directory's file. Empty: it lives, or somebody else is at it, or it is not one of ours.
    Dead(const os::Folder &folder, const std::string &name, const os::Owner &me, Known &known);
    explicit operator bool() const { return file_.operator bool(); }

    // Nothing of it is owed, or it is no directory that can be followed.
    bool over() const { return directory_.over != 0; }
    bool sound() const;
    const lkstats_slab_directory_t &directory() const { return directory_; }
    // Its maker never came to the end of it.
    bool unfinished() const;
    const std::string &uuid() const { return uuid_; }
    // Opens the chunks' files; one that is not there has no readable slots. False: there are no descriptors for them.
    bool open();

    bool read(File file, uint32_t number, uint64_t offset, std::span<uint8_t> bytes) override;
    bool write(File file, uint32_t number, uint64_t offset, std::span<const uint8_t> bytes);

    // All that is left of it goes. An interruption is no harm: it is over then.
    void remove();
    // All that is left of it is kept under names that nobody recovers.
    void keep_aside();

  private:
    template <class F> void each_file(F f);

    const os::Folder &folder_;
    std::string uuid_; // as the names have it
    os::Descriptor file_;
    lkstats_slab_directory_t directory_ = {};
    std::vector<os::Descriptor> slots_, records_;
};

// Names of directories' files.
std::vector<std::string> directories(const os::Folder &folder);

} // namespace lkstats::recover
