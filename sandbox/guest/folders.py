"""A folder of its own for each child, where there are no mounts to give it a /tmp: made, looked at, removed.

What a child leaves there is hostile: nested so deep that no path reaches it, or closed to us. Symbolic links there are
none, since the seccomp filter lets nobody make them.
"""

import os
import stat
from itertools import count

MB = 1024 * 1024


def is_over(folder: str, megabytes: int, entries: int) -> bool:
    """Whether more than that lies in it, or something that cannot be looked at."""
    size, number, unseen = 0, 0, [folder]
    while unseen:
        try:
            with os.scandir(unseen.pop()) as inner:
                for entry in inner:
                    found = entry.stat(follow_symlinks=False)
                    size, number = size + found.st_blocks * 512, number + 1
                    if stat.S_ISDIR(found.st_mode):
                        unseen.append(entry.path)
                    if size > megabytes * MB or number > entries:
                        return True
        except FileNotFoundError:  # removed meanwhile
            continue
        except OSError:  # too deep, or closed to us
            return True
    return False


def remove(folder: str) -> None:
    """Remove it with all that is in it, however deep: what lies in a folder within is moved up first.

    Raises ``OSError`` where something is added meanwhile.
    """
    names = count()
    while entries := _entries(folder):
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.path)
                continue
            os.chmod(entry.path, 0o700)
            for inner in _entries(entry.path):
                _move_up(inner.path, folder, names)
            os.rmdir(entry.path)
    os.rmdir(folder)


def _entries(folder: str) -> list["os.DirEntry[str]"]:
    with os.scandir(folder) as found:
        return list(found)


def _move_up(path: str, folder: str, names: "count[int]") -> None:
    """Under a name that nothing else has there; a folder that is moved has to be ours to write."""
    if os.path.isdir(path):
        os.chmod(path, 0o700)
    os.rename(path, next(free for n in names if not os.path.lexists(free := f"{folder}/moved-{n}")))
