"""Music, books and films."""

from rl.data.catalog.scenarios.base import Facts, Run, Scenario, number, text, time
from rl.data.catalog.slots import Slots


def play_music(s: Slots, run: Run) -> Facts:
    run("play_music", artist=s["artist"])
    return {"artist": text(s["artist"])}


def add_to_playlist(s: Slots, run: Run) -> Facts:
    run("add_to_playlist", playlist=s["playlist"], track=s["track"])
    return {"playlist": text(s["playlist"]), "track": text(s["track"])}


def rate_book(s: Slots, run: Run) -> Facts:
    run("rate_book", title=s["book"], rating=s["rating"])
    others = [n for n in range(1, 6) if n != int(s["rating"])]
    return {"rating": {**number(int(s["rating"])), "not": others}}


def find_media(s: Slots, run: Run) -> Facts:
    run("find_media", title=s["movie"])
    return {"movie": text(s["movie"])}


def find_screenings(s: Slots, run: Run) -> Facts:
    first, second = run("find_screenings", movie=s["movie"])["times"]
    return {"movie": text(s["movie"]), "first": time(first), "second": time(second)}


SCENARIOS: dict[str, Scenario] = {
    "play_music": Scenario({"artist": "text:artist"}, play_music),
    "add_to_playlist": Scenario({"track": "text:track", "playlist": "text:playlist"}, add_to_playlist),
    "rate_book": Scenario({"book": "text:book", "rating": "rating"}, rate_book),
    "find_media": Scenario({"movie": "text:movie"}, find_media),
    "find_screenings": Scenario({"movie": "text:movie"}, find_screenings),
}
