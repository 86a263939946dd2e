#pragma once
#include <base.h>

struct iovec {
    void *iov_base;
    size_t iov_len;
};

C_BEGIN
ssize_t process_vm_readv(pid_t, const struct iovec *, unsigned long, const struct iovec *, unsigned long, unsigned long);
C_END
