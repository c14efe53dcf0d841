"""What the catalog's tools do, by how their names begin."""

from collections.abc import Iterator

from rewards.types import Task

LOOKS = tuple("show_ find_ get_ check_ convert_ format_ track_ quote_ next_ world_ alarm_time_".split())
MAKES, ENDS = {"set", "add", "book", "reserve"}, {"cancel", "freeze"}  # that make something, and that end it
# Which verbs say what a tool does, by how its name begins; of any other tool all may.
VERBS = {
    **dict.fromkeys(("set", "add", "book", "reserve", "rate"), ("make",)),
    **dict.fromkeys(("send", "message", "move", "confirm"), ("send",)),
    **dict.fromkeys(("cancel", "freeze"), ("end",)),
    **dict.fromkeys(("change", "snooze", "redirect"), ("change",)),
    "play": ("play",),
}
ALL_VERBS = ("make", "send", "end", "change", "play")


def looks(tool: str) -> bool:
    """Whether it changes nothing."""
    return tool.startswith(LOOKS)


def makes(task: Task) -> bool:
    """Whether the task's calls make something."""
    return _only_does(task, MAKES)


def ends(task: Task) -> bool:
    """Whether the task's calls put an end to something."""
    return _only_does(task, ENDS)


def puts_off(task: Task) -> bool:
    """Whether the task's calls put something off by minutes."""
    return _only_does(task, {"snooze"})


def verbs(task: Task) -> Iterator[str]:
    """The kinds of verbs that say what its calls do; none for those that only look."""
    for name in {call["name"] for call in task.expected.calls}:
        if not looks(name):
            yield from VERBS.get(name.split("_")[0], ALL_VERBS)


def _only_does(task: Task, acts: set[str]) -> bool:
    """Whether its calls, but for those that only look, are of these kinds."""
    done = {call["name"].split("_")[0] for call in task.expected.calls if not looks(call["name"])}
    return bool(done) and done <= acts
