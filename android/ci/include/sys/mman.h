#pragma once
#include <base.h>

#define PROT_READ 1
#define PROT_WRITE 2
#define MAP_SHARED 1
#define MAP_PRIVATE 2
#define MAP_FAILED ((void *)-1)
#define MREMAP_MAYMOVE 1

C_BEGIN
void *mmap(void *, size_t, int, int, int, off_t) OFFSET64(mmap64);
void *mremap(void *, size_t, size_t, int, ...);
int munmap(void *, size_t);
C_END
