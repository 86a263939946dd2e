/* What bionic calls otherwise than glibc, so that an x86_64 Android library finds it inside a JVM of this machine. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>

int *__errno(void) {
    return &errno;
}

/* bionic numbers the questions to sysconf in its own way. These are the ones that Rust's std and SQLite ask. */
static int glibc_name(int bionic_name) {
    switch (bionic_name) {
    case 0x27: /* _SC_PAGESIZE */
    case 0x28: /* _SC_PAGE_SIZE */
        return _SC_PAGESIZE;
    case 0x48:
        return _SC_GETPW_R_SIZE_MAX;
    case 0x60:
        return _SC_NPROCESSORS_CONF;
    case 0x61:
        return _SC_NPROCESSORS_ONLN;
    default:
        return -1;
    }
}

/* Only a library that names this libc among its own gets here; everybody else has glibc's sysconf. */
long sysconf(int bionic_name) {
    static long (*glibc_sysconf)(int);
    if (!glibc_sysconf) {
        glibc_sysconf = (long (*)(int))dlsym(RTLD_NEXT, "sysconf");
    }
    return glibc_sysconf(glibc_name(bionic_name));
}
