// Which of the instruction sets that the kernels were compiled for this processor has, the widest first.
#include "api.hpp"

// 2 for x86-64-v4 (AVX-512), 1 for v3 (AVX2 and FMA), 0 for what any has.
ALLKNN_EXPORT int32_t allknn_widest_set() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v4")) return 2;
    if (__builtin_cpu_supports("x86-64-v3")) return 1;
#endif
    return 0;
}
