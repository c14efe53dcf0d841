"""Checkpoints: what TRL's lack, the newest whole one, and what happens when a run is interrupted."""

import errno
import shlex
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch.distributed.checkpoint.filesystem import FileSystemReader
from transformers import TrainerCallback

from rl.config.schema import Config
from rl.errors import UserError
from rl.pipeline.ranks import of_all_ranks
from rl.report.live import console, say


def last_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint that was written to its end: to that of ``trainer_state.json``, which comes last."""
    last = folder.glob("checkpoints/checkpoint-*/trainer_state.json")
    whole = [file.parent for file in last if file.read_text(encoding="utf-8").endswith("\n}\n")]
    return max(whole, key=steps_of, default=None)


def check_whole(checkpoint: Path) -> None:
    """Refuse a sharded checkpoint whose shards are not all here: each rank writes its own, where it is. Raises
    UserError."""
    for metadata in checkpoint.glob("*/.metadata"):
        folder = metadata.parent
        named = {
            place.relative_path for place in FileSystemReader(folder).read_metadata().storage_data.values()
        }
        if missing := sorted(name for name in named if not (folder / name).is_file()):
            raise UserError(
                f"The checkpoint {checkpoint} lacks {len(missing)} of its {len(named)} shards in {folder.name}/, such as "
                f"{missing[0]}; the nodes of a run must share its output_dir, so bring together there what each has "
                "written."
            )


def check_alike(checkpoint: Path | None) -> None:
    """Refuse to go on where ranks would go on from different checkpoints; on all ranks. Raises UserError."""
    found = {str(one) for one in of_all_ranks(checkpoint)}
    if len(found) > 1:
        raise UserError(
            f"The ranks would go on from different checkpoints ({', '.join(sorted(found))}); the nodes of a run must "
            "share its output_dir."
        )


def steps_of(checkpoint: Path) -> int:
    """The updates that a checkpoint has seen."""
    return int(checkpoint.name.rsplit("-", 1)[1])


def resume_command(folder: Path) -> str:
    """The command that goes on with a run, as a shell takes it."""
    return "python -m rl.train " + shlex.quote(f"resume={folder}")


def save_batch(folder: Path, rank: int, batch: list[dict[str, Any]]) -> None:
    """Keep what is left to learn from a generation batch beside a checkpoint that falls within it."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.save(batch, folder / f"batch-{rank}.pt")


def read_batch(folder: Path, rank: int, ranks: int, device: torch.device) -> list[dict[str, Any]] | None:
    """What ``save_batch`` kept; None where there is none, or where it was of another number of ranks."""
    if len(list(folder.glob("batch-*.pt"))) != ranks:
        return None
    batch: list[dict[str, Any]] = torch.load(folder / f"batch-{rank}.pt", map_location=device)
    return batch


class Randomness:
    """PyTorch's, on the CPU and on this rank's GPU, as it was when the last update ended: a batch that a run fails within is parted at
    random again."""

    def __init__(self) -> None:
        self.on_cpu: torch.Tensor | None = None
        self.on_gpu: torch.Tensor | None = None

    def keep(self) -> None:
        self.on_cpu = torch.get_rng_state()
        self.on_gpu = torch.cuda.get_rng_state() if torch.cuda.is_available() else None

    def restore(self) -> None:
        """Nothing, where no update has ended."""
        if self.on_cpu is not None:
            torch.set_rng_state(self.on_cpu)
        if self.on_gpu is not None:
            torch.cuda.set_rng_state(self.on_gpu)


class StopOnInterrupt(TrainerCallback):
    """The first Ctrl-C ends the run after the step in progress, with a checkpoint; the second at once."""

    def __init__(self) -> None:
        self.asked = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield  # under Ray Train, where the driver gets the signal
            return
        before = signal.signal(signal.SIGINT, self._on_signal)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _on_signal(self, *_: Any) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        console.print("Finishing this step, then writing a checkpoint; Ctrl-C again stops at once.")

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self.asked:
            control.should_save = control.should_training_stop = True


@contextmanager
def saving(trainer: Any, config: Config) -> Iterator[None]:
    """On any failure write a checkpoint of the steps that were done, then say how to go on. All ranks write it
    together, so where one is not there, there is none."""
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        step, folder = trainer.state.global_step, config.folder
        if _disk_is_full(error, folder):
            raise UserError(
                f"The disk of {config.output_dir} is full; free some space, then go on from the last whole "
                f"checkpoint with: {resume_command(folder)}"
            ) from error
        if step and trainer.ranks.all_end():
            trainer._save_checkpoint(trainer.model, trial=None)
            say(f"Checkpoint of step {step} written; go on with: {resume_command(folder)}")
        elif step:
            say(
                f"Not all ranks are there to write a checkpoint; go on from the last with: {resume_command(folder)}"
            )
        raise


def _disk_is_full(error: BaseException, folder: Path) -> bool:
    """Each library has its own error for a full disk, so the disk itself is asked, too."""
    written_out = isinstance(error, OSError) and error.errno == errno.ENOSPC
    return written_out or "No space left" in str(error) or shutil.disk_usage(folder).free < 2**20
