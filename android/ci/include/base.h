/* What several headers share. Written by hand for Android's ABI: the names that SQLite, ring and libunwind use. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define C_BEGIN extern "C" {
#define C_END }
#else
#define C_BEGIN
#define C_END
#endif

/* File offsets have 64 bits everywhere; a 32-bit bionic keeps those functions under names of their own. */
#ifdef __LP64__
#define OFFSET64(name)
typedef long ssize_t;
typedef unsigned int mode_t;
typedef unsigned long dev_t;
typedef long off_t;
#else
#define OFFSET64(name) __asm__(#name)
typedef int ssize_t;
typedef unsigned short mode_t;
typedef unsigned int dev_t;
typedef long long off_t;
#endif

typedef unsigned long ino_t;
typedef unsigned int uid_t;
typedef unsigned int gid_t;
typedef int pid_t;
typedef long time_t;
typedef long suseconds_t;
typedef unsigned int useconds_t;

struct timespec {
    time_t tv_sec;
    long tv_nsec;
};

struct timeval {
    time_t tv_sec;
    suseconds_t tv_usec;
};
