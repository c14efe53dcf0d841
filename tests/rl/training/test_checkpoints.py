"""Which checkpoint a run goes on from."""

from pathlib import Path

import pytest
import torch
import torch.distributed.checkpoint as dcp
from transformers import TrainerState

from rl.errors import UserError
from rl.training.checkpoints import check_alike, check_whole, last_checkpoint


def test_a_run_goes_on_from_the_newest_checkpoint_that_was_written_to_its_end(tmp_path: Path) -> None:
    """A run may be killed at any byte."""
    assert last_checkpoint(tmp_path) is None
    folders = [tmp_path / "checkpoints" / f"checkpoint-{step}" for step in (2, 10, 12, 14)]
    for folder in folders:
        folder.mkdir(parents=True)
    for folder in folders[:3]:
        TrainerState(log_history=[{"loss": 0.5}]).save_to_json(str(folder / "trainer_state.json"))
    assert last_checkpoint(tmp_path) == folders[2]
    state = folders[2] / "trainer_state.json"
    whole = state.read_text()
    for end in range(len(whole)):
        state.write_text(whole[:end])
        assert last_checkpoint(tmp_path) == folders[1]


def test_a_checkpoint_whose_shards_lie_on_another_node_is_refused(tmp_path: Path) -> None:
    for name in ("pytorch_model_fsdp_0", "optimizer_0"):
        dcp.save({"model": {"w": torch.ones(3)}}, checkpoint_id=tmp_path / name, no_dist=True)
    check_whole(tmp_path)
    (shard,) = (tmp_path / "optimizer_0").glob("*.distcp")
    shard.unlink()
    with pytest.raises(UserError, match=f"lacks 1 of its 1 shards in optimizer_0/, such as {shard.name}"):
        check_whole(tmp_path)


def test_ranks_that_see_different_checkpoints_do_not_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_alike(tmp_path)
    monkeypatch.setattr("rl.training.checkpoints.of_all_ranks", lambda own: [own, None])
    with pytest.raises(UserError, match="must share its output_dir"):
        check_alike(tmp_path)
