#pragma once
#include <base.h>

C_BEGIN
int gettimeofday(struct timeval *, void *);
int utimes(const char *, const struct timeval *);
C_END
