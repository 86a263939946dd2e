/* No guard: <assert.h> may be included again. Nothing here asserts in a release build. */
#undef assert
#define assert(condition) ((void)0)
#ifndef __cplusplus
#define static_assert _Static_assert
#endif
