"""Landlock: of the files of this machine only those that are named may be read, and none written to but in a
folder of the caller's own.

For where there are no namespaces to hide them. See landlock(7); the numbers are those of linux/landlock.h.
"""

import ctypes
import os
import struct
from collections.abc import Iterable

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
VERSION = 1  # a flag: tell the version
PATH_BENEATH = 1
READ_FILE, WRITE_FILE, READ_DIR = 1 << 2, 1 << 1, 1 << 3
REMOVE_DIR, REMOVE_FILE, MAKE_DIR, MAKE_REG, REFER, TRUNCATE = (1 << bit for bit in (4, 5, 7, 8, 13, 14))
TO_KEEP_FILES = (
    READ_FILE | WRITE_FILE | READ_DIR | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE
)
LEAST_VERSION = 3  # before it, who may read a file may cut it short
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}  # how many there are from each version on
CONNECT_AND_BIND = 3  # from version 4 on
SOCKETS_AND_SIGNALS = 3  # outside of the own domain; from version 6 on
PR_SET_NO_NEW_PRIVS = 38
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


def version() -> int:
    """Which Landlock the kernel has; 0 for none, or one that it does not let us use."""
    return max(int(ctypes.CDLL(None).syscall(CREATE_RULESET, None, 0, VERSION)), 0)


class Ruleset:
    """Made before a fork, put on after it. Raises ``OSError`` where there is no Landlock.

    ``readable`` are files and folders, ``but`` the names of what is not to be read of a folder among them.
    """

    def __init__(self, readable: Iterable[str], but: Iterable[str] = ()):
        self._libc = ctypes.CDLL(None, use_errno=True)
        has = version()
        if has < LEAST_VERSION:
            raise OSError("this kernel has no Landlock that keeps files from being cut short")
        files = (1 << max(count for since, count in FILE_RIGHTS.items() if since <= max(has, 1))) - 1
        handled = struct.pack("QQQ", files, CONNECT_AND_BIND * (has >= 4), SOCKETS_AND_SIGNALS * (has >= 6))
        size = 24 if has >= 6 else 16 if has >= 4 else 8
        self._handled = handled[:size]
        self._rules: list[bytes] = []
        hidden = set(but)
        for path in readable:
            if os.path.isdir(path) and hidden & set(os.listdir(path)):
                for name in set(os.listdir(path)) - hidden:
                    self._allow(os.path.join(path, name))
            else:
                self._allow(path)
        for path in DEVICES:
            self._allow(path, WRITE_FILE)

    def restrict(self, own: str | None = None) -> None:
        """Put the calling process, and all that it starts, under it, for ever; in its ``own`` folder it may keep files.
        Raises ``OSError``."""
        ruleset = self._called(CREATE_RULESET, self._handled, len(self._handled), 0)
        if own is not None:
            self._allow(own, TO_KEEP_FILES)
        for rule in self._rules:
            self._called(ADD_RULE, ruleset, PATH_BENEATH, rule, 0)
        self._libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        self._called(RESTRICT_SELF, ruleset, 0)
        os.close(ruleset)

    def _allow(self, path: str, more: int = 0) -> None:
        rights = READ_FILE | more | (READ_DIR if os.path.isdir(path) else 0)
        try:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:  # what is not there, or not for us, nobody reads
            return
        self._rules.append(struct.pack("=Qi", rights, opened))  # each child makes rules of these

    def _called(self, *arguments: int | bytes) -> int:
        done = int(self._libc.syscall(*arguments))
        if done < 0:
            raise OSError(ctypes.get_errno(), "Landlock refused its rules")
        return done
