//! What the headers of `../include` say, held against the crate `libc` for the same target, while this is compiled.
//!
//! `LAYOUT` in the environment is the file with the table of `layout.c`, as that target's C compiler understood it.
#![no_std]
#![allow(non_camel_case_types)]

use core::mem::{offset_of, size_of};
use libc::*;

/// A name, and its number on the Rust side. The rows come in the order of `layout.c`.
struct Row(&'static str, u64);

const NAME: usize = 24;
const WIDTH: usize = NAME + 8;
static TABLE: &[u8] = include_bytes!(env!("LAYOUT"));

// Where files have 64-bit offsets, a 32-bit bionic has types and numbers of their own for that.
#[cfg(target_pointer_width = "32")]
mod wide {
    pub type off_t = libc::off64_t;
    pub type flock = libc::flock64;
    pub type Phdr = libc::Elf32_Phdr;
    // `F_GETLK64`, `F_SETLK64` and `F_SETLKW64`, which the crate does not have.
    pub const LOCKS: [i32; 3] = [12, 13, 14];
}
#[cfg(target_pointer_width = "64")]
mod wide {
    pub use libc::{Elf64_Phdr as Phdr, flock, off_t};
    pub const LOCKS: [i32; 3] = [libc::F_GETLK, libc::F_SETLK, libc::F_SETLKW];
}

macro_rules! sizes {
    ($($name:literal: $type:ty),* $(,)?) => { [$(Row($name, size_of::<$type>() as u64)),*] };
}
macro_rules! fields {
    ($type:ty: $($field:ident),* $(,)?) => { [$(Row(stringify!($field), offset_of!($type, $field) as u64)),*] };
}
macro_rules! values {
    ($($constant:ident),* $(,)?) => { [$(Row(stringify!($constant), $constant as u64)),*] };
}

const ROWS: &[&[Row]] = &[
    &sizes!["size_t": size_t, "ssize_t": ssize_t, "off_t": wide::off_t, "mode_t": mode_t, "dev_t": dev_t],
    &sizes!["ino_t": ino_t, "uid_t": uid_t, "gid_t": gid_t, "pid_t": pid_t, "time_t": time_t],
    &sizes!["suseconds_t": suseconds_t],
    //
    &sizes!["stat": stat],
    &fields![stat: st_dev, st_ino, st_mode, st_nlink, st_uid, st_gid, st_rdev, st_size, st_blksize, st_blocks],
    &fields![stat: st_atime, st_mtime, st_ctime],
    &values![S_IFMT],
    //
    &sizes!["flock": wide::flock],
    &fields![wide::flock: l_type, l_whence, l_start, l_len, l_pid],
    &[Row("F_GETLK", wide::LOCKS[0] as u64), Row("F_SETLK", wide::LOCKS[1] as u64)],
    &[Row("F_SETLKW", wide::LOCKS[2] as u64)],
    &values![F_RDLCK, F_WRLCK, F_UNLCK, F_GETFD, F_SETFD, FD_CLOEXEC],
    //
    &values![O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_NONBLOCK, O_CLOEXEC],
    &values![O_DIRECTORY, O_NOFOLLOW, O_LARGEFILE],
    //
    &sizes!["timespec": timespec],
    &fields![timespec: tv_nsec],
    &sizes!["timeval": timeval],
    &fields![timeval: tv_usec],
    &sizes!["tm": tm],
    &fields![tm: tm_sec, tm_year, tm_isdst, tm_gmtoff, tm_zone],
    //
    &sizes!["pthread_t": pthread_t, "pthread_mutex_t": pthread_mutex_t],
    &sizes!["pthread_mutexattr_t": pthread_mutexattr_t, "pthread_rwlock_t": pthread_rwlock_t],
    &values![PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE],
    //
    &sizes!["Dl_info": Dl_info],
    &fields![Dl_info: dli_fbase, dli_saddr],
    &values![RTLD_LAZY, RTLD_NOW, RTLD_GLOBAL],
    //
    &sizes!["dl_phdr_info": dl_phdr_info],
    &fields![dl_phdr_info: dlpi_addr, dlpi_phdr, dlpi_phnum, dlpi_adds],
    &sizes!["Phdr": wide::Phdr],
    &fields![wide::Phdr: p_type, p_vaddr, p_memsz],
    &values![PT_LOAD, PT_DYNAMIC, PT_GNU_EH_FRAME],
    //
    &sizes!["iovec": iovec],
    &fields![iovec: iov_len],
    //
    &values![PROT_READ, PROT_WRITE, MAP_SHARED, MAP_PRIVATE],
    //
    &values![F_OK, W_OK, R_OK, SEEK_SET, SEEK_CUR, SEEK_END, _SC_PAGESIZE, _SC_PAGE_SIZE, FILENAME_MAX],
    //
    &values![EPERM, ENOENT, EINTR, EIO, EBADF, EAGAIN, ENOMEM, EACCES, EFAULT, EBUSY, EEXIST, ENODEV, ENOTDIR],
    &values![EISDIR, EINVAL, ENOSPC, EROFS, ERANGE, EDEADLK, ENOLCK, ENOSYS, EOVERFLOW, ENOTSUP, ECONNRESET],
    &values![ENOTCONN, ETIMEDOUT],
];

const _: () = {
    let mut seen = 0;
    let mut group = 0;
    while group < ROWS.len() {
        let mut index = 0;
        while index < ROWS[group].len() {
            agree(&ROWS[group][index], seen * WIDTH);
            seen += 1;
            index += 1;
        }
        group += 1;
    }
    assert!(seen * WIDTH == TABLE.len(), "layout.c has rows that layout.rs lacks");
};

/// Stops the compiler, with the name of what differs, where C's row at this offset is another one.
const fn agree(row: &Row, offset: usize) {
    assert!(offset + WIDTH <= TABLE.len(), "layout.rs has rows that layout.c lacks");
    let mut at = 0;
    while at < NAME {
        let expected = if at < row.0.len() { row.0.as_bytes()[at] } else { 0 };
        if TABLE[offset + at] != expected {
            panic!("{}", row.0);
        }
        at += 1;
    }
    let mut number = 0;
    while at < WIDTH {
        number |= (TABLE[offset + at] as u64) << (8 * (at - NAME));
        at += 1;
    }
    if number != row.1 {
        panic!("{}", row.0);
    }
}
