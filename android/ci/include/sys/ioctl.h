#pragma once
#include <base.h>

C_BEGIN
int ioctl(int, int, ...);
C_END
