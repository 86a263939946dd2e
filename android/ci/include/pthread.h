#pragma once
#include <base.h>

typedef long pthread_t;
typedef long pthread_mutexattr_t;
#ifdef __LP64__
typedef struct {
    int words[10];
} pthread_mutex_t;
typedef struct {
    int words[14];
} pthread_rwlock_t;
#else
typedef struct {
    int words[1];
} pthread_mutex_t;
typedef struct {
    int words[10];
} pthread_rwlock_t;
#endif

#define PTHREAD_MUTEX_INITIALIZER {{0}}
#define PTHREAD_RWLOCK_INITIALIZER {{0}}
#define PTHREAD_MUTEX_NORMAL 0
#define PTHREAD_MUTEX_RECURSIVE 1

C_BEGIN
int pthread_equal(pthread_t, pthread_t);
int pthread_mutex_destroy(pthread_mutex_t *);
int pthread_mutex_init(pthread_mutex_t *, const pthread_mutexattr_t *);
int pthread_mutex_lock(pthread_mutex_t *);
int pthread_mutex_trylock(pthread_mutex_t *);
int pthread_mutex_unlock(pthread_mutex_t *);
int pthread_mutexattr_destroy(pthread_mutexattr_t *);
int pthread_mutexattr_init(pthread_mutexattr_t *);
int pthread_mutexattr_settype(pthread_mutexattr_t *, int);
int pthread_rwlock_rdlock(pthread_rwlock_t *);
int pthread_rwlock_unlock(pthread_rwlock_t *);
int pthread_rwlock_wrlock(pthread_rwlock_t *);
pthread_t pthread_self(void);
C_END
