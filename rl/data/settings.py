"""The settings of ``data``: what all sources share, and a class for each with what is its own."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, PositiveInt, Tag

from rl.config.section import Section, Share

Names = Annotated[list[str], Field(min_length=1)] | None
LessThanAll = Annotated[float, Field(ge=0, lt=1)]


class Source(Section):
    """What every source has."""

    path: str | None = None  # the file or folder that it is read from
    languages: Names = None  # null: all
    tools: Names = None  # tasks of these alone; null: of all
    split: str = "train"  # is trained on
    test_split: str = "test"  # is held out
    system: str | None = None  # a system prompt
    unseen_tools: LessThanAll = 0.0  # share of tools that only the test split has, and no other


class Unsplit(Source):
    """One that has no splits of its own: ``held_out`` is the share of its tasks for test."""

    held_out: Share = 0.1  # of the tasks, for test


class Catalog(Source):
    source: Literal["catalog"] = "catalog"
    per_tool: PositiveInt = 40  # tasks of each tool and language
    tools_per_task: PositiveInt = 4  # that the model is shown


class Xsid(Source):
    source: Literal["xsid"]
    test_split: str = "dev"  # is held out
    tools_per_task: PositiveInt = 4  # that the model is shown


class Massive(Source):
    source: Literal["massive"]
    tools_per_task: PositiveInt = 4  # that the model is shown


class Bfcl(Unsplit):
    source: Literal["bfcl"]
    underscore_names: bool = False  # "_" for "." in names of functions
    categories: list[str] | None = None  # null: all of one turn in Python


class Mapicall(Unsplit):
    source: Literal["mapicall"]


class Itc(Unsplit):
    source: Literal["itc"]


class Xlam(Unsplit):
    source: Literal["xlam"]
    held_out: Share = 0.05  # of the tasks, for test


class Sealtools(Source):
    source: Literal["sealtools"]
    test_split: str = "test_in_domain"  # is held out
    tools_per_task: PositiveInt = 5  # that the model is shown


class Mgsm(Unsplit):
    source: Literal["mgsm"]
    held_out: Share = 1.0  # of the tasks, for test


class Confusion(Unsplit):
    source: Literal["confusion"]
    held_out: Share = 1.0  # of the tasks, for test


class Jsonl(Source):
    source: Literal["jsonl"]


class Own(Source):
    """A function that returns tasks, by its dotted path; what else is set here are its own arguments."""

    model_config = ConfigDict(extra="allow", populate_by_name=True, serialize_by_alias=True)

    source: Literal["own"] = "own"
    target: str = Field(alias="_target_", pattern=r"^\w+(\.\w+)+$")  # the function's dotted path

    @property
    def options(self) -> dict[str, Any]:
        """The function's own arguments."""
        return dict(self.model_extra or {})


def _kind(value: Any) -> str:
    """Which class a mapping, or one of them, belongs to."""
    if isinstance(value, Source):
        return str(getattr(value, "source", ""))
    return "own" if "_target_" in value else str(value.get("source", "catalog"))


Data = Annotated[
    Annotated[Catalog, Tag("catalog")]
    | Annotated[Xsid, Tag("xsid")]
    | Annotated[Massive, Tag("massive")]
    | Annotated[Bfcl, Tag("bfcl")]
    | Annotated[Mapicall, Tag("mapicall")]
    | Annotated[Itc, Tag("itc")]
    | Annotated[Xlam, Tag("xlam")]
    | Annotated[Sealtools, Tag("sealtools")]
    | Annotated[Mgsm, Tag("mgsm")]
    | Annotated[Confusion, Tag("confusion")]
    | Annotated[Jsonl, Tag("jsonl")]
    | Annotated[Own, Tag("own")],
    Discriminator(_kind),
]
SOURCE_SETTINGS: dict[str, type[Source]] = {
    "catalog": Catalog,
    "xsid": Xsid,
    "massive": Massive,
    "bfcl": Bfcl,
    "mapicall": Mapicall,
    "itc": Itc,
    "xlam": Xlam,
    "sealtools": Sealtools,
    "mgsm": Mgsm,
    "confusion": Confusion,
    "jsonl": Jsonl,
    "own": Own,
}
