#pragma once
#include <link.h>
