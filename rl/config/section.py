"""What every section of the settings is made of."""

from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict, Field

PositiveShare = Annotated[float, Field(gt=0, le=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def section_of(annotation: Any) -> type[Section] | None:
    """The one section that a setting of this type is, may be, or holds a list of; None of any other setting."""
    kinds = [annotation, *get_args(annotation)]
    found = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Section)]
    return found[0] if len(found) == 1 else None
