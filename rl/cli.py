"""From a command line to a ``Config``: Hydra underneath, one line for whatever the user can mend."""

import logging
import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NoReturn

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException, MissingConfigException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from rl.config import Config, load, unknown_setting
from rl.errors import UserError, nearest

CONF = Path(__file__).resolve().parent.parent / "conf"
# Keys under these are the user's own.
OPEN = re.compile(
    r"(trainer\.(trl|peft)|model\.chat_template_kwargs|reward\.components|sandbox\.rest)\.[\w.]+=|"
    r"sandbox\.(trusted_)?tools="
)


def run(
    main: Callable[[Config], None], config_name: str = "config", defaults_overrides: Iterable[str] = ()
) -> None:
    """Call ``main`` with the settings of ``sys.argv``, once, or once a job with ``-m``.

    ``defaults_overrides`` are overrides that the command line's own come after. Exits with 2 and one
    line on stderr for a ``UserError``, whether in the settings or raised by ``main``.
    """

    def task(cfg: DictConfig) -> None:
        try:
            main(_named(load(cfg)))
        except UserError as error:  # caught here, before Hydra writes a line of its own
            _stop(error)

    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra raises its errors instead of printing them
    try:
        words = sys.argv[1:]
        overrides = [word for word in words if re.match(r"[^-=]+=|~", word)]
        flags = [word for word in words if word not in overrides]  # argparse wants all overrides together
        given = [word for override in overrides for word in rewrite(override)]
        sys.argv[1:] = [*flags, f"hydra.job.name={Path(sys.argv[0]).stem}", *defaults_overrides, *given]
        hydra.main(config_path=str(CONF), config_name=config_name, version_base="1.3")(task)()
    except (UserError, HydraException, OmegaConfBaseException) as error:
        _stop(error)
    except KeyboardInterrupt:
        logging.getLogger("asyncio").disabled = True  # of what was under way nobody needs to hear more
        print("Interrupted; checkpoints that were written are kept in the run's folder.", file=sys.stderr)
        sys.exit(130)


def rewrite(argument: str) -> list[str]:
    """A command-line word as Hydra wants it.

    ``model=<path or hub id>``, also a list of them, chooses ``model=hub`` with that ``model.path``;
    keys that the user is free to add (TRL's, PEFT's, the chat template's, rewards, tools) need no ``+``.
    """
    if OPEN.match(argument.lstrip("+")):
        return ["++" + argument.lstrip("+")]
    value = argument.removeprefix("model=")
    if value == argument or not value or "(" in value:
        return [argument]
    names = [part.strip().strip("'\"") for part in value.split(",")]
    groups = [file.stem for file in (CONF / "model").glob("*.yaml")]
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


def one_line(error: Exception) -> str:
    """What is wrong, on one line, with the nearest valid name where a name is wrong."""
    text = str(error)
    if isinstance(error, MissingConfigException) and error.options:
        group, _, name = str(error.missing_cfg_file).rpartition("/")
        meant = nearest(name, error.options)
        hint = f"; did you mean {group}={meant}?" if meant else "; options are"
        return f"{group}={name} is not an option{hint} ({', '.join(error.options)})"
    found = re.search(r"(?:Could not override|Could not delete from config\.) '([\w.@/]+)'", text)
    if found:
        return unknown_setting(found[1])
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def _stop(error: Exception) -> NoReturn:
    print(one_line(error), file=sys.stderr)
    sys.exit(2)


def _named(config: Config) -> Config:
    """Every job of a sweep gets a run name, and so a folder, of its own."""
    settings = HydraConfig.get()
    if settings.mode is not RunMode.MULTIRUN:
        return config
    swept = ",".join(word for word in settings.overrides.task if word not in sys.argv)
    name = re.sub(r"[^\w=.,-]+", "_", f"{config.run}-{settings.job.num}-{swept}")[:150]
    return config.model_copy(update={"run": name})


def _quoted(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"
