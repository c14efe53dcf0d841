"""From composed settings to a ``Config``, and what is wrong with them in one sentence.

Hydra composes ``conf/`` into plain data; ``load`` turns that into a ``Config`` or raises a
``ConfigError``. Nothing here imports Hydra, TRL or vLLM.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException
from pydantic import ValidationError

from rl.config.problems import problems
from rl.config.schema import Config
from rl.config.section import Section, section_of
from rl.data.settings import SOURCE_SETTINGS
from rl.errors import ConfigError, hint, nearest

PATTERNS = {  # what a text must look like, in words
    "run": "it names a folder, so it has no slash and does not begin with a dot, a hyphen or a space",
    "data._target_": "it is the dotted path of a function, such as my_tasks.load",
}


def load(cfg: DictConfig | Mapping[str, Any], here: bool = True) -> Config:
    """The composed settings as a ``Config``; ``ConfigError`` with one line for all that is wrong.

    ``here`` False: they are for another machine than this one.
    """
    try:
        config = Config.model_validate(_plain(cfg))
    except ValidationError as error:
        raise ConfigError("; ".join(_sentence(dict(e)) for e in error.errors())) from None
    for problem in problems(config, here):
        raise ConfigError(problem)
    return config


def unknown_setting(path: str) -> str:
    """The sentence for a dotted path that is no setting, or none of those that were chosen."""
    if path == "reward.aggregation":
        return "reward.aggregation has become advantage.estimator: write reward=gdpo, or advantage.estimator=gdpo"
    known = list(dict(settings_of(Config)))
    if path in known and path.startswith("data."):
        return f"the chosen data source has no {path}; leave it out"
    if path in known:
        return f"the chosen files of conf/ have no {path}; write +{path}=... to set it all the same"
    parent, _, name = path.rpartition(".")
    prefix = parent and parent + "."
    siblings = [p[len(prefix) :] for p in known if p.startswith(prefix) and "." not in p[len(prefix) :]]
    if nearest(name, siblings):
        return f"{path} is not a setting{hint(name, siblings, prefix)}"
    elsewhere = sorted((p for p in known if p.rsplit(".", 1)[-1] == name), key=lambda p: p.count("."))
    meant = elsewhere[0] if elsewhere else nearest(path, known)
    return f"{path} is not a setting" + (f"; did you mean {meant}?" if meant else "")


def free_texts() -> set[str]:
    """The settings that any text may stand in, such as paths, addresses and names."""
    return {name for name, kind in settings_of(Config) if kind in (str, str | None)}


def _plain(cfg: DictConfig | Mapping[str, Any]) -> Any:
    if not OmegaConf.is_config(cfg):
        return cfg
    try:
        return OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    except MissingMandatoryValue as error:
        example = "Qwen/Qwen3-0.6B" if error.full_key == "model.path" else "..."
        raise ConfigError(f"{error.full_key} must be given: {error.full_key}={example}") from None
    except OmegaConfBaseException as error:
        raise ConfigError(f"{error.full_key}: {str(error).splitlines()[0]}") from None


def _sentence(error: dict[str, Any]) -> str:
    where = [str(part) for part in error["loc"]]
    if error["type"] == "union_tag_invalid":
        source = error["ctx"]["tag"]
        return f"there is no data source {source!r}{hint(source, SOURCE_SETTINGS)}; there are {', '.join(SOURCE_SETTINGS)}"
    if where[0] == "data" and len(where) > 2:
        del where[1]  # the kind of source, which is no part of the setting's name
    path = ".".join(where)
    if error["type"] == "extra_forbidden":
        return unknown_setting(path)
    if error["type"] == "missing":
        return f"{path} must be given"
    if error["type"] == "string_pattern_mismatch" and path in PATTERNS:
        return f"{path}={error['input']!r} is wrong: {PATTERNS[path]}"
    advice = (
        "; in YAML 'no' needs its quotation marks"
        if error["type"] == "string_type" and error["input"] is False
        else ""
    )
    return f"{path}={error['input']!r} is wrong: {error['msg'][0].lower()}{error['msg'][1:]}{advice}"


def settings_of(model: type[Section], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The dotted names of all settings and their types, those of every data source among them."""
    for name, field in model.model_fields.items():
        yield prefix + name, field.annotation
        if name == "data":
            for source in SOURCE_SETTINGS.values():
                yield from settings_of(source, "data.")
        elif part := section_of(field.annotation):
            yield from settings_of(part, f"{prefix}{name}.")


def with_free_name(config: Config, base: str, marks: Sequence[str]) -> Config:
    """The run named ``base``, or ``base-2``, ``base-3``: the first in whose folder there is none of ``marks`` yet."""
    root, names = Path(config.output_dir), (base, *(f"{base}-{n}" for n in range(2, 10_000)))
    free = next(name for name in names if not any((root / name / mark).exists() for mark in marks))
    return config.model_copy(update={"run": free})


def overridden(saved: Mapping[str, Any], changes: Mapping[str, Any]) -> Config:
    """Saved settings, with single ones put over them by their dotted names."""
    merged = OmegaConf.create(dict(saved))
    for name, value in changes.items():
        OmegaConf.update(merged, name, value, merge=True, force_add=True)
    return load(merged)
