/* What the headers of ../include say, as rows of a table for layout.rs: a name in 24 bytes, a number in 8. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct row {
    char name[24];
    uint64_t number;
};

#define VALUE(constant) {#constant, constant}
#define SIZE(name, type) {#name, sizeof(type)}
#define FIELD(type, field) {#field, offsetof(type, field)}

__attribute__((section("layout"), used)) const struct row table[] = {
    SIZE(size_t, size_t),
    SIZE(ssize_t, ssize_t),
    SIZE(off_t, off_t),
    SIZE(mode_t, mode_t),
    SIZE(dev_t, dev_t),
    SIZE(ino_t, ino_t),
    SIZE(uid_t, uid_t),
    SIZE(gid_t, gid_t),
    SIZE(pid_t, pid_t),
    SIZE(time_t, time_t),
    SIZE(suseconds_t, suseconds_t),

    SIZE(stat, struct stat),
    FIELD(struct stat, st_dev),
    FIELD(struct stat, st_ino),
    FIELD(struct stat, st_mode),
    FIELD(struct stat, st_nlink),
    FIELD(struct stat, st_uid),
    FIELD(struct stat, st_gid),
    FIELD(struct stat, st_rdev),
    FIELD(struct stat, st_size),
    FIELD(struct stat, st_blksize),
    FIELD(struct stat, st_blocks),
    FIELD(struct stat, st_atime),
    FIELD(struct stat, st_mtime),
    FIELD(struct stat, st_ctime),
    VALUE(S_IFMT),

    SIZE(flock, struct flock),
    FIELD(struct flock, l_type),
    FIELD(struct flock, l_whence),
    FIELD(struct flock, l_start),
    FIELD(struct flock, l_len),
    FIELD(struct flock, l_pid),
    VALUE(F_GETLK),
    VALUE(F_SETLK),
    VALUE(F_SETLKW),
    VALUE(F_RDLCK),
    VALUE(F_WRLCK),
    VALUE(F_UNLCK),
    VALUE(F_GETFD),
    VALUE(F_SETFD),
    VALUE(FD_CLOEXEC),

    VALUE(O_RDONLY),
    VALUE(O_WRONLY),
    VALUE(O_RDWR),
    VALUE(O_CREAT),
    VALUE(O_EXCL),
    VALUE(O_TRUNC),
    VALUE(O_APPEND),
    VALUE(O_NONBLOCK),
    VALUE(O_CLOEXEC),
    VALUE(O_DIRECTORY),
    VALUE(O_NOFOLLOW),
    VALUE(O_LARGEFILE),

    SIZE(timespec, struct timespec),
    FIELD(struct timespec, tv_nsec),
    SIZE(timeval, struct timeval),
    FIELD(struct timeval, tv_usec),
    SIZE(tm, struct tm),
    FIELD(struct tm, tm_sec),
    FIELD(struct tm, tm_year),
    FIELD(struct tm, tm_isdst),
    FIELD(struct tm, tm_gmtoff),
    FIELD(struct tm, tm_zone),

    SIZE(pthread_t, pthread_t),
    SIZE(pthread_mutex_t, pthread_mutex_t),
    SIZE(pthread_mutexattr_t, pthread_mutexattr_t),
    SIZE(pthread_rwlock_t, pthread_rwlock_t),
    VALUE(PTHREAD_MUTEX_NORMAL),
    VALUE(PTHREAD_MUTEX_RECURSIVE),

    SIZE(Dl_info, Dl_info),
    FIELD(Dl_info, dli_fbase),
    FIELD(Dl_info, dli_saddr),
    VALUE(RTLD_LAZY),
    VALUE(RTLD_NOW),
    VALUE(RTLD_GLOBAL),

    SIZE(dl_phdr_info, struct dl_phdr_info),
    FIELD(struct dl_phdr_info, dlpi_addr),
    FIELD(struct dl_phdr_info, dlpi_phdr),
    FIELD(struct dl_phdr_info, dlpi_phnum),
    FIELD(struct dl_phdr_info, dlpi_adds),
    SIZE(Phdr, ElfW(Phdr)),
    FIELD(ElfW(Phdr), p_type),
    FIELD(ElfW(Phdr), p_vaddr),
    FIELD(ElfW(Phdr), p_memsz),
    VALUE(PT_LOAD),
    VALUE(PT_DYNAMIC),
    VALUE(PT_GNU_EH_FRAME),

    SIZE(iovec, struct iovec),
    FIELD(struct iovec, iov_len),

    VALUE(PROT_READ),
    VALUE(PROT_WRITE),
    VALUE(MAP_SHARED),
    VALUE(MAP_PRIVATE),

    VALUE(F_OK),
    VALUE(W_OK),
    VALUE(R_OK),
    VALUE(SEEK_SET),
    VALUE(SEEK_CUR),
    VALUE(SEEK_END),
    VALUE(_SC_PAGESIZE),
    VALUE(_SC_PAGE_SIZE),
    VALUE(FILENAME_MAX),

    VALUE(EPERM),
    VALUE(ENOENT),
    VALUE(EINTR),
    VALUE(EIO),
    VALUE(EBADF),
    VALUE(EAGAIN),
    VALUE(ENOMEM),
    VALUE(EACCES),
    VALUE(EFAULT),
    VALUE(EBUSY),
    VALUE(EEXIST),
    VALUE(ENODEV),
    VALUE(ENOTDIR),
    VALUE(EISDIR),
    VALUE(EINVAL),
    VALUE(ENOSPC),
    VALUE(EROFS),
    VALUE(ERANGE),
    VALUE(EDEADLK),
    VALUE(ENOLCK),
    VALUE(ENOSYS),
    VALUE(EOVERFLOW),
    VALUE(ENOTSUP),
    VALUE(ECONNRESET),
    VALUE(ENOTCONN),
    VALUE(ETIMEDOUT),
};
