"""How much memory a run takes, all its processes together, and what it does with what it frees."""

import ctypes
import gc
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil


class PeakMemory:
    """Samples the proportional set size of this process and its descendants, Ray's and vLLM's too.

    Shared pages are counted once, in shares. ``gb`` is the peak so far in 10⁹ bytes.
    """

    def __init__(self, every_seconds: float = 2.0) -> None:
        self.gb = 0.0
        self.every = every_seconds
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.thread.join()

    def _watch(self) -> None:
        while not self.stopped.wait(self.every):
            self.gb = max(self.gb, total_bytes() / 1e9)


def keep_freed_memory() -> None:
    """Have the C library keep what tensors free, rather than give it back and fault it in again.

    On the CPU PyTorch frees each large tensor to the kernel; a step spends a tenth of its time on that.
    """
    if platform.libc_ver()[0] == "glibc":
        m_trim_threshold, m_mmap_threshold, gib = -1, -3, 2**30
        for option in (m_trim_threshold, m_mmap_threshold):
            ctypes.CDLL(None).mallopt(option, gib)


@contextmanager
def old_objects_left_alone() -> Iterator[None]:
    """Leave what there is, a million objects of imported modules, out of the searches for garbage until the end.

    Such a search takes a third of a second, and samples that come and go by the hundred set off one after another.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def total_bytes() -> int:
    """Bytes held now by this process and its descendants."""
    here = psutil.Process()
    total = 0
    for process in [here, *here.children(recursive=True)]:
        try:
            memory = process.memory_full_info()
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue  # it ended between the two calls
        total += getattr(memory, "pss", memory.rss)
    return total
