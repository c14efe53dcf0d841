"""Which system calls code inside the sandbox may make. Every other one fails with EPERM.

An allowlist, as libseccomp compiles it: computing, memory, threads, files that are open or may be opened, and
talking over what is already connected. No new process or program, no socket, no signal, no tracing, no mount,
no namespace, no link, no kernel interface with a history of holes (io_uring, bpf, keyctl, userfaultfd, perf), and
nothing that tells of, or is felt by, another process.
"""

import ctypes
import errno
import struct
from functools import cache
from typing import Any

ALLOWED = """
read write readv writev pread64 pwrite64 lseek close close_range fstat stat lstat newfstatat statx access faccessat
faccessat2 readlink readlinkat getcwd chdir getdents getdents64 open openat dup dup2 dup3 fsync fdatasync
truncate ftruncate fallocate fadvise64 mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 umask statfs
fstatfs pipe pipe2 poll ppoll select pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd2 sendfile
shutdown getsockopt getsockname getpeername copy_file_range
munmap mremap brk set_robust_list rseq membarrier
rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending sigaltstack restart_syscall
nanosleep gettimeofday time times alarm setitimer getitimer pause
timerfd_settime timerfd_gettime
getpid getppid gettid getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp getrusage
getrlimit uname sysinfo sched_yield getrandom getcpu
exit exit_group
""".split()
CONNECTING = "connect bind setsockopt sendmmsg recvmmsg sendmsg recvmsg".split()
FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6; AF_NETLINK, which names are resolved with
OF_THE_CALLER = (  # only about itself, which is pid 0
    "sched_getaffinity sched_getparam sched_getscheduler getpgid getsid get_robust_list".split()
)
CLOCKED = "clock_gettime clock_getres clock_nanosleep timerfd_create".split()
LIMITED = ["clone", "prctl", "prlimit64", *CLOCKED]  # what a child may do in part
OF_THE_SERVER = (
    "kill wait4 pidfd_open memfd_create mount capset sendmsg chmod fchmodat "
    "landlock_create_ruleset landlock_add_rule landlock_restrict_self"
).split()
LAST_CLOCK = 11  # CLOCK_TAI; what lies above are the CPU clocks of other processes
PRIVATE_FUTEX = 128
FUTEX_WAIT, FUTEX_CLOCK_REALTIME = 0, 256
FUTEX = (0, 1, 3, 4, 5, 9, 10)  # wait, wake, requeue, wake_op; none that lends priority
ADVICE = (0, 1, 2, 3, 4, 8, 14, 15)  # how memory will be used, what is not needed; no merging, no paging out
PROT_EXEC, PROT_WRITE = 4, 2
MAP_SHARED, MAP_ANONYMOUS = 1, 0x20
MSG_OOB = 1
CLONE_THREAD = 0x00010000
AF_UNIX = 1
FCNTL = (0, 1, 2, 3, 4, 1030)  # duplicate, flags: no locks, by which sessions could signal to each other
F_SETLK = 6
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
    from pyseccomp import ALLOW, ERRNO

    allow = _filter(ERRNO(errno.EPERM))
    for name in [*ALLOWED, *(CONNECTING if network else ())]:
        allow.add_rule(ALLOW, name)
    _about_processes(allow)
    _about_memory(allow)
    _about_files(allow, network)
    for family in FAMILIES if network else ():
        _allow(allow, "socket", (0, "EQ", family))
    return _compiled(allow)


@cache
def of_the_server() -> bytes:
    """The filter of a fork server: as ``program``, with what it needs to make children and to lock them."""
    from pyseccomp import ALLOW, ERRNO

    allow = _filter(ERRNO(errno.EPERM))
    for name in [*ALLOWED, *OF_THE_SERVER, *LIMITED]:
        allow.add_rule(ALLOW, name)
    allow.add_rule(ERRNO(errno.ENOSYS), "clone3")
    for name in OF_THE_CALLER:
        _allow(allow, name, (0, "EQ", 0))
    _allow(allow, "getpriority", (0, "EQ", 0), (1, "EQ", 0))
    _about_memory(allow)
    _about_files(allow, network=False)
    return _compiled(allow)


@cache
def of_a_child() -> bytes:
    """What a fork server's child puts on besides: both together let through what ``program`` does. It is short, since
    the kernel takes as long to put a filter on as that is long, and each child does."""
    from pyseccomp import ALLOW, ERRNO, GT, MASKED_EQ, NE, Arg

    refused = ERRNO(errno.EPERM)
    deny = _filter(ALLOW)
    for name in OF_THE_SERVER:
        deny.add_rule(refused, name)
    deny.add_rule(refused, "clone", Arg(0, MASKED_EQ, CLONE_THREAD, 0))
    deny.add_rule(refused, "prctl", Arg(0, NE, PR_SET_NAME))
    for number in (0, 2):
        deny.add_rule(refused, "prlimit64", Arg(number, NE, 0))
    for name in CLOCKED:
        deny.add_rule(refused, name, Arg(0, GT, LAST_CLOCK))
    return _compiled(deny)


def _filter(otherwise: Any) -> Any:
    import pyseccomp
    from pyseccomp import Attr

    made = pyseccomp.SyscallFilter(otherwise)
    made.set_attr(Attr.CTL_OPTIMIZE, BINARY_TREE)  # the kernel takes half as long to put it on
    return made


def _compiled(made: Any) -> bytes:
    import tempfile

    with tempfile.TemporaryFile() as file:
        made.export_bpf(file)
        file.seek(0)
        return file.read()


def _allow(program: Any, call: str, *conditions: tuple[int, str, int] | tuple[int, str, int, int]) -> None:
    """Let the call through where all conditions hold: of the argument's number, a comparison and its operands."""
    from pyseccomp import ALLOW, EQ, LE, MASKED_EQ, Arg

    comparisons = {"EQ": EQ, "LE": LE, "MASKED_EQ": MASKED_EQ}
    program.add_rule(ALLOW, call, *(Arg(n, comparisons[how], *values) for n, how, *values in conditions))


def _about_processes(allow: Any) -> None:
    """Threads, and the caller's own limits, clocks and place; of nobody else's."""
    from pyseccomp import ERRNO

    _allow(allow, "clone", (0, "MASKED_EQ", CLONE_THREAD, CLONE_THREAD))
    allow.add_rule(ERRNO(errno.ENOSYS), "clone3")  # its flags are out of reach; the C library falls back
    _allow(allow, "prctl", (0, "EQ", PR_SET_NAME))
    # To look at limits only: who lowers them could be killed by one, as if it had been us.
    _allow(allow, "prlimit64", (0, "EQ", 0), (2, "EQ", 0))
    _allow(allow, "getpriority", (0, "EQ", 0), (1, "EQ", 0))
    for name in OF_THE_CALLER:
        _allow(allow, name, (0, "EQ", 0))
    for name in CLOCKED:
        _allow(allow, name, (0, "LE", LAST_CLOCK))


def _about_memory(allow: Any) -> None:
    """None that can be written to and executed, and none that two processes could share."""
    _allow(allow, "mprotect", (2, "MASKED_EQ", PROT_EXEC, 0))
    for prot in (PROT_EXEC, PROT_WRITE):
        _allow(allow, "mmap", (2, "MASKED_EQ", prot, 0), (3, "MASKED_EQ", MAP_ANONYMOUS, 0))
        _allow(allow, "mmap", (2, "MASKED_EQ", prot, 0), (3, "MASKED_EQ", MAP_SHARED, 0))
    for advice in ADVICE:
        _allow(allow, "madvise", (2, "EQ", advice))
    for operation in FUTEX:
        _allow(allow, "futex", (1, "MASKED_EQ", 0xFFFFFFFF - FUTEX_CLOCK_REALTIME, operation | PRIVATE_FUTEX))
    _allow(
        allow, "futex", (1, "MASKED_EQ", 0xFFFFFFFF - FUTEX_CLOCK_REALTIME, FUTEX_WAIT)
    )  # for a thread's end


def _about_files(allow: Any, network: bool) -> None:
    from pyseccomp import EQ, ERRNO, Arg

    for command in FCNTL:
        _allow(allow, "fcntl", (1, "EQ", command))
    allow.add_rule(
        ERRNO(0), "fcntl", Arg(1, EQ, F_SETLK)
    )  # granted, and not taken: SQLite wants it for its files
    for request in (FIONBIO, FIOCLEX, TCGETS):
        _allow(allow, "ioctl", (1, "EQ", request))
    _allow(allow, "socketpair", (0, "EQ", AF_UNIX))  # what asyncio wakes itself with
    _allow(allow, "recvfrom", (3, "MASKED_EQ", MSG_OOB, 0))
    to_nobody_named = () if network else ((4, "EQ", 0),)  # to the other end alone
    _allow(allow, "sendto", (3, "MASKED_EQ", MSG_OOB, 0), *to_nobody_named)


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
