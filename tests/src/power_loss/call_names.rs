//! System calls that need not be followed, and some that cannot be.

/// Calls that change neither bytes nor names. `sync_file_range` is here: it promises nothing.
pub(super) const HARMLESS: &[&str] = &[
    "access",
    "chmod",
    "chown",
    "epoll_ctl",
    "execve",
    "execveat",
    "faccessat",
    "faccessat2",
    "fadvise64",
    "fchmod",
    "fchmodat",
    "fchown",
    "fchownat",
    "fgetxattr",
    "flock",
    "fstat",
    "fstatfs",
    "futimesat",
    "getcwd",
    "getdents",
    "getdents64",
    "getxattr",
    "inotify_add_watch",
    "lchown",
    "lgetxattr",
    "lstat",
    "newfstatat",
    "poll",
    "ppoll",
    "pread64",
    "preadv",
    "preadv2",
    "pselect6",
    "readahead",
    "readlink",
    "readlinkat",
    "select",
    "stat",
    "statfs",
    "statx",
    "sync_file_range",
    "utime",
    "utimensat",
    "utimes",
];

/// Requests to a device driver that leave a file as it is.
pub(super) const HARMLESS_REQUESTS: &[&str] =
    &["TCGETS", "FIOCLEX", "FIONCLEX", "FIONREAD", "FIONBIO", "FS_IOC_GETFLAGS"];

/// Calls that change files nobody names in them.
pub(super) const BLIND: &[&str] = &["io_setup", "io_uring_setup", "open_by_handle_at", "sync", "syncfs"];
