"""What the catalog's tools do, by how their names begin."""

from rewards.types import Task

LOOKS = tuple("show_ find_ get_ check_ convert_ format_ track_ quote_ next_ world_ alarm_time_".split())
MAKES, ENDS = {"set", "add", "book", "reserve"}, {"cancel", "freeze"}  # that make something, and that end it


def looks(tool: str) -> bool:
    """Whether it changes nothing."""
    return tool.startswith(LOOKS)


def makes(task: Task) -> bool:
    """Whether the task's calls make something."""
    return _only_does(task, MAKES)


def ends(task: Task) -> bool:
    """Whether the task's calls put an end to something."""
    return _only_does(task, ENDS)


def _only_does(task: Task, acts: set[str]) -> bool:
    """Whether its calls, but for those that only look, are of these kinds."""
    done = {call["name"].split("_")[0] for call in task.expected.calls if not looks(call["name"])}
    return bool(done) and done <= acts
