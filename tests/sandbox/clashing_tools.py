"""A tool by a name that the catalog has."""


def world_time(city: str) -> str:
    """The time in a city.

    Args:
        city: where.
    """
    return "17:00"
