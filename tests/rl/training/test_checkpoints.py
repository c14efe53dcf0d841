"""Which checkpoint a run goes on from."""

from pathlib import Path

from transformers import TrainerState

from rl.training.checkpoints import last_checkpoint


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
