// Names of what is compiled once for each instruction set: they end in the set's.
#pragma once

#define ALLKNN_JOINED(name, ending) allknn_##name##_##ending
#define ALLKNN_EXPANDED(name, ending) ALLKNN_JOINED(name, ending)
#define ALLKNN_KERNEL(name) ALLKNN_EXPANDED(name, ALLKNN_SET)
