#pragma once
#include <base.h>

C_BEGIN
void abort(void) __attribute__((noreturn));
int abs(int);
int atoi(const char *);
void *calloc(size_t, size_t);
void free(void *);
char *getenv(const char *);
void *malloc(size_t);
void qsort(void *, size_t, size_t, int (*)(const void *, const void *));
void *realloc(void *, size_t);
C_END
