#pragma once
#include <stdint.h>

#ifdef __LP64__
#define PRI64 "l"
#define PRIxPTR "lx"
#define PRIuPTR "lu"
#else
#define PRI64 "ll"
#define PRIxPTR "x"
#define PRIuPTR "u"
#endif
#define PRIu8 "u"
#define PRId32 "d"
#define PRIu32 "u"
#define PRIx32 "x"
#define PRId64 PRI64 "d"
#define PRIu64 PRI64 "u"
#define PRIx64 PRI64 "x"
