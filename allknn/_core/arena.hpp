// Memory that the caller passed in, cut into arrays.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace {

// Gives out pieces that each begin with a cache line, so that no vector crosses one. Without memory it only
// counts: the same function that cuts says how much is needed.
class Arena {
  public:
    explicit Arena(void* memory) : base_(static_cast<uint8_t*>(memory)) {
        const auto address = reinterpret_cast<uintptr_t>(memory);
        used_ = memory == nullptr ? 0 : static_cast<int64_t>(-address % LINE);
    }

    template <class Value>
    Value* take(int64_t count) {
        uint8_t* piece = base_ == nullptr ? nullptr : base_ + used_;
        const auto bytes = count * static_cast<int64_t>(sizeof(Value));
        used_ += (bytes + LINE - 1) / LINE * LINE;
        return reinterpret_cast<Value*>(piece);
    }

    // Bytes that memory needs to have, wherever it begins.
    int64_t needed() const { return used_ + LINE; }

  private:
    static constexpr int64_t LINE = 64;
    uint8_t* base_;
    int64_t used_;
};

}  // namespace
