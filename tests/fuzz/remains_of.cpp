// SPDX-License-Identifier: Apache-2.0
#include "remains_of.hpp"

#include "must.hpp"

#include <algorithm>
#include <cstring>

namespace lkstats::fuzz {

namespace {

class Memory final : public recover::Source {
  public:
    explicit Memory(const Image &image) : image_(image) {}
    Got read(File file, uint32_t number, uint64_t offset, std::span<uint8_t> bytes) override {
        const std::vector<Bytes> &files = file == File::slots ? image_.slots : image_.records;
        if (number >= files.size() || offset > files[number].size() ||
            bytes.size() > files[number].size() - offset)
            return Got::nothing;
        std::memcpy(bytes.data(), files[number].data() + offset, bytes.size());
        return Got::all;
    }

  private:
    const Image &image_;
};

} // namespace

recover::Remains remains_of(const Image &image) {
    recover::Remains remains;
    remains.directory = image.directory;
    Memory memory(image);
    must(recover::read(memory, remains), "memory could not be read");
    return remains;
}

bool robbed(const Damaged &damaged, const recover::Remains &remains, uint32_t place) {
    const std::vector<uint32_t> owner = owners(whole(damaged.number).image);
    return std::any_of(remains.record_indexes.begin() + 1, remains.record_indexes.end(), [&](uint32_t index) {
        const uint32_t record = damaged.image.record_place(index);
        return record < owner.size() && owner[record] == place;
    });
}

} // namespace lkstats::fuzz
