#pragma once
#include <base.h>

/* What the kernel calls a set of signals on 64-bit machines; only libunwind's AArch64 part mentions it. */
typedef struct {
    unsigned long bits[1];
} sigset_t;
#define NSIG 65
