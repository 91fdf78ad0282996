// SPDX-License-Identifier: Apache-2.0
#include "image.hpp"

#include "must.hpp"
#include "slab/names.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>

namespace lkstats::fuzz {

namespace {

constexpr size_t slot_size = sizeof(lkstats_slab_slot_t), record_size = sizeof(lkstats_slab_record_t);
// What is kept of a directory: all but its list of chunks, of which there is one of each kind.
constexpr size_t head_size = offsetof(lkstats_slab_directory_t, slots);

uint32_t count(const std::vector<Bytes> &files, size_t size) {
    size_t all = 0;
    for (const Bytes &file : files)
        all += file.size() / size;
    return static_cast<uint32_t>(all);
}

uint8_t *at(std::vector<Bytes> &files, uint32_t place, size_t size) {
    for (Bytes &file : files) {
        const auto here = static_cast<uint32_t>(file.size() / size);
        if (place < here)
            return file.data() + place * size;
        place -= here;
    }
    must(false, "no such place");
    return nullptr;
}

uint32_t place_of(const lkstats_slab_chunk_t *chunks, uint32_t chunk_count, uint32_t index) {
    uint32_t before = 0;
    for (uint32_t i = 0; i < chunk_count; before += chunks[i].count, ++i)
        if (index >= chunks[i].first && index - chunks[i].first < chunks[i].count)
            return before + index - chunks[i].first;
    return before;
}

void split(std::vector<Bytes> &files, lkstats_slab_chunk_t *chunks, uint32_t &chunk_count, size_t size) {
    if (files.size() != 1 || chunks[0].count < 2)
        return;
    const uint32_t half = chunks[0].count / 2;
    chunks[1] = {chunks[0].first + half, chunks[0].count - half};
    chunks[0].count = half;
    chunk_count = 2;
    const auto middle = files[0].begin() + static_cast<ptrdiff_t>(half * size);
    files.emplace_back(middle, files[0].end());
    files[0].erase(files[0].begin() + static_cast<ptrdiff_t>(half * size), files[0].end());
}

// Without the items at the end that are all zeros.
void trim(Bytes &file, size_t size) {
    const auto last = std::find_if(file.rbegin(), file.rend(), [](uint8_t byte) { return byte != 0; });
    const auto used = static_cast<size_t>(file.rend() - last);
    file.resize((used + size - 1) / size * size);
}

} // namespace

uint32_t Image::slot_count() const { return count(slots, slot_size); }
uint32_t Image::record_count() const { return count(records, record_size); }
lkstats_slab_slot_t &Image::slot(uint32_t place) {
    return *reinterpret_cast<lkstats_slab_slot_t *>(at(slots, place, slot_size));
}
lkstats_slab_record_t &Image::record(uint32_t place) {
    return *reinterpret_cast<lkstats_slab_record_t *>(at(records, place, record_size));
}
uint32_t Image::slot_place(uint32_t index) const {
    return place_of(directory.slots, directory.slot_chunks, index);
}
uint32_t Image::record_place(uint32_t index) const {
    return place_of(directory.records, directory.record_chunks, index);
}
uint32_t Image::slot_index(uint32_t place) const {
    const lkstats_slab_chunk_t *chunk = directory.slots;
    for (; place >= chunk->count; ++chunk)
        place -= chunk->count;
    return chunk->first + place;
}

void Image::split_slots() { split(slots, directory.slots, directory.slot_chunks, slot_size); }
void Image::split_records() { split(records, directory.records, directory.record_chunks, record_size); }

std::string Image::name(const char *what) const { return slab::file_name(directory.context, what); }

Files Image::files() const {
    Files all;
    const auto *bytes = reinterpret_cast<const uint8_t *>(&directory);
    all[name("dir")] = Bytes(bytes, bytes + sizeof directory);
    for (uint32_t i = 0; i < slots.size(); ++i)
        all[slab::chunk_name(directory.context, true, i)] = slots[i];
    for (uint32_t i = 0; i < records.size(); ++i)
        all[slab::chunk_name(directory.context, false, i)] = records[i];
    return all;
}

Image image_of(const Files &folder) {
    Image image;
    for (const auto &[name, bytes] : folder)
        if (name.ends_with(":dir"))
            std::memcpy(&image.directory, bytes.data(), sizeof image.directory);
    std::fill(std::begin(image.directory.boot), std::end(image.directory.boot), uint8_t{0xb0});
    must(image.directory.slot_chunks == 1 && image.directory.record_chunks == 1, "more than one chunk");
    image.slots.push_back(folder.at(slab::chunk_name(image.directory.context, true, 0)));
    image.records.push_back(folder.at(slab::chunk_name(image.directory.context, false, 0)));
    trim(image.slots[0], slot_size);
    trim(image.records[0], record_size);
    image.directory.slots[0].count = image.slot_count();
    image.directory.records[0].count = image.record_count();
    return image;
}

void save_image(Image &image, const std::string &path) {
    std::ofstream file(path, std::ios::binary);
    const auto put = [&](const void *from, size_t size) {
        file.write(static_cast<const char *>(from), static_cast<std::streamsize>(size));
    };
    put(&image.directory, head_size);
    put(&image.directory.slots[0], sizeof(lkstats_slab_chunk_t));
    put(&image.directory.records[0], sizeof(lkstats_slab_chunk_t));
    put(image.slots[0].data(), image.slots[0].size());
    put(image.records[0].data(), image.records[0].size());
    must(file.good(), "%s can't be written", path.c_str());
}

Image load_image(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    must(file.good(), "%s can't be read", path.c_str());
    const Bytes all{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    size_t from = 0;
    const auto take = [&](void *to, size_t size) {
        must(size <= all.size() - from, "%s is too short", path.c_str());
        std::memcpy(to, all.data() + from, size);
        from += size;
    };
    Image image;
    take(&image.directory, head_size);
    take(&image.directory.slots[0], sizeof(lkstats_slab_chunk_t));
    take(&image.directory.records[0], sizeof(lkstats_slab_chunk_t));
    image.slots.emplace_back(image.directory.slots[0].count * slot_size);
    image.records.emplace_back(image.directory.records[0].count * record_size);
    take(image.slots[0].data(), image.slots[0].size());
    take(image.records[0].data(), image.records[0].size());
    return image;
}

const std::vector<Image> &images() {
    static const std::vector<Image> all = [] {
        std::vector<std::string> names = names_in(FUZZ_SLABS);
        std::sort(names.begin(), names.end());
        std::vector<Image> loaded;
        for (const std::string &name : names)
            loaded.push_back(load_image(std::string(FUZZ_SLABS "/") + name));
        must(!loaded.empty(), "no slabs in " FUZZ_SLABS);
        return loaded;
    }();
    return all;
}

std::vector<uint32_t> owners(const Image &of) {
    Image image = of; // its accessors are for whoever writes
    const uint32_t slots = image.slot_count(), records = image.record_count();
    std::vector<uint32_t> owner(records, slots);
    for (uint32_t i = 0; i < slots; ++i)
        for (uint32_t at = image.slot(i).record; at != 0;) {
            const uint32_t place = image.record_place(at);
            if (place == records || owner[place] != slots || image.record(place).slot != image.slot_index(i))
                break;
            owner[place] = i;
            at = image.record(place).previous;
            for (uint32_t block = image.record(place).overflow; block != 0;) {
                const uint32_t there = image.record_place(block);
                if (there == records || owner[there] != slots)
                    break;
                owner[there] = i;
                block = reinterpret_cast<const lkstats_slab_overflow_t &>(image.record(there)).next;
            }
        }
    return owner;
}

} // namespace lkstats::fuzz
