#pragma once
#include <base.h>

#define RTLD_LAZY 1
#ifdef __LP64__
#define RTLD_NOW 2
#define RTLD_GLOBAL 0x100
#else
#define RTLD_NOW 0
#define RTLD_GLOBAL 2
#endif

typedef struct {
    const char *dli_fname;
    void *dli_fbase;
    const char *dli_sname;
    void *dli_saddr;
} Dl_info;

C_BEGIN
int dladdr(const void *, Dl_info *);
int dlclose(void *);
const char *dlerror(void);
void *dlopen(const char *, int);
void *dlsym(void *, const char *);
C_END
