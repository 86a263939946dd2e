#pragma once
#include <base.h>

/* libunwind's AArch64 part asks the kernel whether an address can be read. */
#ifdef __aarch64__
#define SYS_rt_sigprocmask 135
#endif

C_BEGIN
long syscall(long, ...);
C_END
