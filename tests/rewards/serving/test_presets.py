"""The presets by name are what the trainer composes of the same files."""

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from rewards.compose import Rewards
from rewards.serving.presets import SHIPPED, configuration, presets


@pytest.mark.parametrize("name", presets())
def test_a_preset_is_what_the_trainer_makes_of_it(name):
    with initialize_config_dir(str(SHIPPED.parent), version_base="1.3"):
        composed = OmegaConf.to_container(compose(f"reward/{name}").reward)
    assert configuration(name) == composed == configuration(str(SHIPPED / f"{name}.yaml"))
    assert Rewards.from_config(configuration(name)).parts


def test_a_file_builds_on_presets_and_on_files_beside_it(tmp_path):
    (tmp_path / "mine.yaml").write_text("defaults: [call_only]\ncomponents: {json_valid: {weight: 3}}")
    (tmp_path / "more.yaml").write_text("defaults: [mine, _self_]\ntime_limit: 1")
    found = configuration(str(tmp_path / "more.yaml"))
    assert found["components"]["json_valid"]["weight"] == 3 and found["time_limit"] == 1
    assert set(found["components"]) == set(configuration("call_only")["components"])


@pytest.mark.parametrize("content", [b"components: {a: ", b"\xff\xfe\x00"])
def test_a_file_that_is_not_yaml_is_named(tmp_path, content):
    (tmp_path / "mine.yaml").write_bytes(content)
    with pytest.raises(ValueError, match=r"mine\.yaml is not YAML: "):
        configuration(str(tmp_path / "mine.yaml"))


def test_a_name_of_nothing_says_which_there_are():
    with pytest.raises(
        ValueError, match=r"nothing is no file and none of the presets, which are call_only, "
    ):
        configuration("nothing")
