#pragma once
#include <base.h>

#define HUGE_VAL __builtin_huge_val()
#define INFINITY __builtin_inff()
#define isinf(value) __builtin_isinf(value)
#define isnan(value) __builtin_isnan(value)

C_BEGIN
double ceil(double);
double exp(double);
double fabs(double);
double floor(double);
double fmod(double, double);
double log(double);
double pow(double, double);
double sqrt(double);
C_END
