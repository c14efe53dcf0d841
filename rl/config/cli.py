"""From a command line to a ``Config``: Hydra underneath, one line for whatever the user can mend."""

import logging
import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

import hydra
from hydra import compose
from hydra._internal.utils import get_args_parser
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from rl.config.load import free_texts, load, unknown_setting
from rl.config.schema import Config
from rl.errors import UserError, nearest
from rl.terminal import quiet_when_closed

HERE = Path(__file__).resolve().parent
# In a checkout at its top, in a wheel inside the package.
CONF = next(p for p in (HERE.parents[1] / "conf", HERE.parent / "conf") if (p / "config.yaml").is_file())
# Keys under these are the user's own.
OPEN = re.compile(
    r"(trainer\.(trl|peft)|model\.chat_template_kwargs|advantage\.options|reward\.components|sandbox\.rest|"
    r"rollout\.endpoint\.body)(\.[\w.]+)?=|"
    r"sandbox\.(trusted_)?tools="
)
OWN_DATA = re.compile(r"\+*data\._target_=")


def run(
    main: Callable[[Config], Path],
    after_sweep: Callable[[dict[Path, dict[str, str]]], None] = lambda jobs: None,
    here: bool = True,
    resumes: bool = True,
) -> None:
    """Call ``main`` with the settings of ``sys.argv``, once, or once a job with ``-m``.

    ``main`` returns its run's folder; ``after_sweep`` gets those of all jobs with what each had swept.
    ``here``: the settings are for this machine. ``resumes``: it can go on with a run. Exits with 2 and one line on
    stderr for a ``UserError``, whether in the settings or raised by ``main``.
    """
    given: list[str] = []
    jobs: dict[Path, dict[str, str]] = {}

    def task(cfg: DictConfig) -> None:
        try:
            if cfg.resume and not resumes:
                raise UserError(
                    "resume= goes on with a training run, by python -m rl.train; here a run is named by model=<its folder>"
                )
            swept = _swept(given)
            folder = main(_named(load(_bare(cfg) if cfg.resume else cfg, here), swept))
        except UserError as error:  # caught here, before Hydra writes a line of its own
            _stop(error)
        if HydraConfig.get().mode is RunMode.MULTIRUN:
            jobs[folder] = swept

    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra raises its errors instead of printing them
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")  # TRL imports it, also where it is not used
    # vLLM does not heed that before an engine starts.
    logging.getLogger("vllm").setLevel(os.environ["VLLM_LOGGING_LEVEL"])
    logging.getLogger("torch._library.triton").setLevel(logging.ERROR)  # no CPU has Triton
    try:
        words = sys.argv[1:]
        overrides = [word for word in words if re.match(r"[^-=]+=|~", word)]
        flags = [word for word in words if word not in overrides]  # argparse wants all overrides together
        given += rewritten(overrides, sweep=bool({"-m", "--multirun"} & set(flags)))
        sys.argv[1:] = [*flags, f"hydra.job.name={Path(sys.argv[0]).stem}", *given]
        try:
            with quiet_when_closed():
                hydra.main(config_path=str(CONF), config_name="config", version_base="1.3")(task)()
        finally:
            if jobs:
                after_sweep(jobs)
    except (UserError, HydraException, OmegaConfBaseException) as error:
        _stop(error)
    except KeyboardInterrupt:
        logging.getLogger("asyncio").disabled = True  # of what was under way nobody needs to hear more
        print("Interrupted; checkpoints that were written are kept in the run's folder.", file=sys.stderr)
        sys.exit(130)


def _bare(cfg: DictConfig) -> DictConfig:
    """The settings as if nothing but ``resume`` were given: what else is given is meant for that run's own."""
    given = {name: cfg[name] for name in ("resume", "run", "output_dir")}
    return compose("config", [f"{name}={_quoted(str(value))}" for name, value in given.items()])


def parsed(overrides: Iterable[str]) -> dict[str, Any]:
    """Name and value of each override, read as Hydra reads them: ``[no, en]`` is Norwegian and English."""
    found = OverridesParser.create().parse_overrides(list(overrides))
    return {override.key_or_group: override.value() for override in found}


def rewritten(overrides: Iterable[str], sweep: bool = False) -> list[str]:
    """The command line's overrides as Hydra wants them. ``sweep``: a comma parts values to be swept over."""
    words = list(overrides)
    own = any(OWN_DATA.match(word) for word in words)  # the arguments are that function's
    if own:
        words = [
            "data=own",
            *("++" + word.lstrip("+") if word.startswith("data.") else word for word in words),
        ]
    return [_quoted_text(part, sweep) for word in words for part in rewrite(word)]


def _quoted_text(word: str, sweep: bool) -> str:
    """A setting that is free text in quotation marks: in paths any character may stand."""
    name, equals, value = word.partition("=")
    bare = not equals or not value or value == "null" or value[0] in "'\""
    if bare or name.lstrip("+") not in free_texts():
        return word
    values = value.split(",") if sweep and not Path(value).exists() else [value]
    return f"{name}=" + ",".join(map(_quoted, values))


def rewrite(argument: str) -> list[str]:
    """A command-line word as Hydra wants it.

    ``model=<path or hub id>``, also a list of them, chooses ``model=hub`` with that ``model.path``;
    keys that the user is free to add (TRL's, PEFT's, the chat template's, rewards, tools) need no ``+``.
    """
    if OPEN.match(argument.lstrip("+")):
        return ["++" + argument.lstrip("+")]
    value = argument.removeprefix("model=")
    if value == argument or not value or ("(" in value and not Path(value).exists()):
        return [argument]
    if Path(value).exists():  # whatever characters it has
        return ["model=hub", f"model.path={_quoted(value)}"]
    names = [part.strip().strip("'\"") for part in value.split(",")]
    groups = [file.stem for conf in (CONF, *_own_folders()) for file in (conf / "model").glob("*.yaml")]
    free = [name for name in names if name not in groups]
    if not free:
        return [argument]
    for name in free:
        meant = None if "/" in name or Path(name).exists() else nearest(name, groups)
        if meant:
            raise UserError(f"model={name} is neither a folder nor a hub id; did you mean model={meant}?")
    if len(free) < len(names):
        raise UserError(f"{argument} mixes built-in models and paths; sweep over them one kind at a time")
    return ["model=hub", "model.path=" + ",".join(_quoted(name) for name in names)]


def _own_folders() -> list[Path]:
    """What ``--config-dir`` names."""
    known, _ = get_args_parser().parse_known_args()
    return [Path(known.config_dir)] if known.config_dir else []


def one_line(error: Exception) -> str:
    """What is wrong, on one line, with the nearest valid name where a name is wrong."""
    text = str(error)
    if isinstance(error, MissingConfigException) and error.options:
        group, _, name = str(error.missing_cfg_file).rpartition("/")
        meant = nearest(name, error.options)
        hint = f"; did you mean {group}={meant}?" if meant else "; options are"
        return f"{group}={name} is not an option{hint} ({', '.join(error.options)})"
    if isinstance(error, OverrideParseException):
        return (
            f"{error.override.lstrip('+')} cannot be read; write setting=value, with all brackets and quotation marks closed, "
            "and where it has spaces all of it between single ones"
        )
    found = re.search(r"(?:Could not override|Could not delete from config\.) '([\w.@/]+)'", text)
    if found:
        return unknown_setting(found[1])
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def _stop(error: Exception) -> NoReturn:
    print(one_line(error), file=sys.stderr)
    sys.exit(2)


def _named(config: Config, swept: dict[str, str]) -> Config:
    """Every job of a sweep gets a run name, and so a folder, of its own: one that ``resume=`` and ``model=`` take."""
    settings = HydraConfig.get()
    if settings.mode is not RunMode.MULTIRUN:
        return config
    words = (f"{name.rpartition('.')[2]}-{value[-40:]}" for name, value in swept.items())
    name = re.sub(r"[^\w.]+", "-", "-".join([config.run, str(settings.job.num), *words]))
    return config.model_copy(update={"run": name[:150].strip("-.")})


def _swept(given: list[str]) -> dict[str, str]:
    """What this job of a sweep over some of the ``given`` overrides has and others have not: setting → value."""
    read = OverridesParser.create().parse_overrides
    over = {override.key_or_group for override in read(given) if override.is_sweep_override()}
    mine = read(list(HydraConfig.get().overrides.task))
    return {
        override.key_or_group: str(override.value()) for override in mine if override.key_or_group in over
    }


def _quoted(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"
