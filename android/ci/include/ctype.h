#pragma once
#include <base.h>

C_BEGIN
int isalnum(int);
int isalpha(int);
int isdigit(int);
int isspace(int);
int isxdigit(int);
int tolower(int);
int toupper(int);
C_END
