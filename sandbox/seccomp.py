"""Which system calls code inside the sandbox may make. Every other one fails with EPERM.

An allowlist, as libseccomp compiles it: computing, memory, threads, files that are open or may be opened, and
talking over what is already connected. No new process or program, no socket, no signal, no tracing, no mount,
no namespace, no link, no kernel interface with a history of holes (io_uring, bpf, keyctl, userfaultfd, perf).
"""

import ctypes
import errno
import struct
from functools import cache

ALLOWED = """
read write readv writev pread64 pwrite64 lseek close close_range fstat stat lstat newfstatat statx access faccessat
faccessat2 readlink readlinkat getcwd chdir getdents getdents64 open openat dup dup2 dup3 fsync fdatasync
truncate ftruncate fallocate fadvise64 mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 umask statfs
fstatfs pipe pipe2 poll ppoll select pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd2 sendfile
recvfrom recvmsg sendto sendmsg shutdown getsockopt getsockname getpeername copy_file_range
mmap munmap mprotect mremap madvise brk futex futex_waitv set_robust_list get_robust_list rseq membarrier
rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending sigaltstack restart_syscall
clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times alarm setitimer getitimer pause
timerfd_create timerfd_settime timerfd_gettime arch_prctl
getpid getppid gettid getuid geteuid getgid getegid getresuid getresgid getgroups getpgid getpgrp getsid getrusage
getrlimit uname sysinfo sched_yield sched_getaffinity sched_getparam sched_getscheduler getpriority getrandom getcpu
exit exit_group
""".split()
CONNECTING = "connect bind setsockopt sendmmsg recvmmsg".split()
FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6; AF_NETLINK, which names are resolved with
CLONE_THREAD = 0x00010000
AF_UNIX = 1
FCNTL = (0, 1, 2, 3, 4, 1030)  # duplicate, flags: no locks, by which sessions could signal to each other
FIONBIO, FIOCLEX, TCGETS = 0x5421, 0x5451, 0x5401
PR_SET_NAME, PR_SET_NO_NEW_PRIVS = 15, 38
PR_SET_SECCOMP = 22
BINARY_TREE = 2  # of libseccomp's attribute SCMP_FLTATR_CTL_OPTIMIZE
INSTRUCTION = 8  # bytes of a struct sock_filter


@cache
def program(network: bool = False) -> bytes:
    """The filter for this machine, as the kernel takes it: an array of ``struct sock_filter``.

    With ``network`` it lets sockets connect, of the families that a client needs.

    Made outside the sandbox, since libseccomp is not to be found inside.
    """
    import tempfile

    import pyseccomp
    from pyseccomp import ALLOW, EQ, ERRNO, MASKED_EQ, Arg, Attr

    allow = pyseccomp.SyscallFilter(ERRNO(errno.EPERM))
    allow.set_attr(Attr.CTL_OPTIMIZE, BINARY_TREE)  # the kernel takes half as long to put it on
    for name in ALLOWED:
        allow.add_rule(ALLOW, name)
    allow.add_rule(ALLOW, "clone", Arg(0, MASKED_EQ, CLONE_THREAD, CLONE_THREAD))
    allow.add_rule(ERRNO(errno.ENOSYS), "clone3")  # its flags are out of reach; the C library falls back
    allow.add_rule(ALLOW, "socketpair", Arg(0, EQ, AF_UNIX))  # what asyncio wakes itself with
    allow.add_rule(ALLOW, "prlimit64", Arg(0, EQ, 0))
    allow.add_rule(ALLOW, "prctl", Arg(0, EQ, PR_SET_NAME))
    for name in CONNECTING if network else ():
        allow.add_rule(ALLOW, name)
    for family in FAMILIES if network else ():
        allow.add_rule(ALLOW, "socket", Arg(0, EQ, family))
    for command in FCNTL:
        allow.add_rule(ALLOW, "fcntl", Arg(1, EQ, command))
    for request in (FIONBIO, FIOCLEX, TCGETS):
        allow.add_rule(ALLOW, "ioctl", Arg(1, EQ, request))
    with tempfile.TemporaryFile() as file:
        allow.export_bpf(file)
        file.seek(0)
        return file.read()


class Prepared:
    """A filter as the kernel takes it, ready to be put on."""

    def __init__(self, filter_program: bytes):
        self._prctl = ctypes.CDLL(None, use_errno=True).prctl
        self._instructions = ctypes.create_string_buffer(filter_program, len(filter_program))
        count, address = len(filter_program) // INSTRUCTION, ctypes.addressof(self._instructions)
        self._header = struct.pack("HxxxxxxP", count, address)

    def install(self) -> None:
        """Put the calling thread, and all that it starts, under the filter, for ever. Raises ``OSError``."""
        for arguments in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, 2, self._header, 0, 0)):
            if self._prctl(*arguments):
                raise OSError(ctypes.get_errno(), "the seccomp filter was refused")


def install(filter_program: bytes) -> None:
    """As ``Prepared.install``, of a filter that is put on once."""
    Prepared(filter_program).install()
