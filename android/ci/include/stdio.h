#pragma once
#include <base.h>

#define EOF (-1)
#define FILENAME_MAX 4096

typedef struct opaque_file FILE;

C_BEGIN
extern FILE *stderr;
extern FILE *stdout;
int fflush(FILE *);
int fprintf(FILE *, const char *, ...);
int printf(const char *, ...);
int rename(const char *, const char *);
int snprintf(char *, size_t, const char *, ...);
C_END
