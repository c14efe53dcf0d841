"""Music, books and films. Titles are texts as spoken, in any language; none of them is refused."""

from typing import Any

from sandbox.catalog.clock import as_time
from sandbox.catalog.text import fold, given, spread


def play_music(
    state: dict[str, Any],
    artist: str = "",
    track: str = "",
    album: str = "",
    playlist: str = "",
    genre: str = "",
    music_item: str = "",
    service: str = "",
    sort: str = "",
    datetime: str = "",
) -> dict[str, Any]:
    """Play music.

    Args:
        artist: Whose music, a singer, band or composer.
        track: The title of a song.
        album: The title of an album.
        playlist: The name of a playlist.
        genre: A kind of music, such as jazz.
        music_item: What sort of thing to play, in the user's words, such as "song" or "album".
        service: The streaming service to use.
        sort: Which of several, such as "newest" or "most popular".
        datetime: From what time or period, such as "the eighties".
    """
    state["playing"] = given(
        artist=artist,
        track=track,
        album=album,
        playlist=playlist,
        genre=genre,
        music_item=music_item,
        service=service,
        sort=sort,
        datetime=datetime,
    )
    return {"playing": dict(state["playing"])}


def add_to_playlist(
    state: dict[str, Any],
    playlist: str = "",
    track: str = "",
    artist: str = "",
    album: str = "",
    music_item: str = "",
    reference: str = "",
) -> dict[str, Any]:
    """Add a song, an album or an artist to a playlist; makes the playlist if there is none.

    Args:
        playlist: The name of the playlist.
        track: The title of the song.
        artist: The artist.
        album: The title of the album.
        music_item: What sort of thing to add, in the user's words, such as "song" or "album".
        reference: The user's words that point at the playlist, such as "my".
    """
    same = (name for name in state["playlists"] if fold(name) == fold(playlist))
    tracks = state["playlists"].setdefault(next(same, playlist), [])
    tracks.append(track or album or artist or music_item)
    return {"playlist": playlist, "tracks": len(tracks)}


def rate_book(
    state: dict[str, Any],
    title: str = "",
    rating: str = "",
    best_rating: str = "",
    rating_unit: str = "",
    selection: str = "",
    object_type: str = "",
    series_type: str = "",
) -> dict[str, Any]:
    """Rate a book.

    Args:
        title: The title of the book.
        rating: The rating to give, such as "4".
        best_rating: The best rating there is, such as "5".
        rating_unit: What is counted, such as "stars".
        selection: The user's words that pick out the book, such as "this" or "the current".
        object_type: What sort of thing is rated, in the user's words, such as "novel".
        series_type: What sort of series it belongs to, such as "saga".
    """
    rated = given(
        title=title,
        rating=rating,
        best_rating=best_rating,
        rating_unit=rating_unit,
        selection=selection,
        object_type=object_type,
        series_type=series_type,
    )
    state["ratings"].append(rated)
    return {"title": title, "rating": rating}


def find_media(title: str = "", object_type: str = "") -> dict[str, Any]:
    """Find a film, a show, a game, a song or another work by its title.

    Args:
        title: The title of the work.
        object_type: What sort of work, in the user's words, such as "movie" or "trailer".
    """
    return {"title": title, "found": True}


def find_screenings(
    movie: str = "",
    location: str = "",
    datetime: str = "",
    movie_type: str = "",
    object_type: str = "",
    location_type: str = "",
) -> dict[str, Any]:
    """Find out when films are on at the cinema; gives two showing times.

    Args:
        movie: The title of the film.
        location: The cinema or the place.
        datetime: When, in the user's words.
        movie_type: What sort of film, such as "animated".
        object_type: What is asked for, in the user's words, such as "schedule".
        location_type: What sort of place, such as "nearest cinema".
    """
    asked = (fold(movie), fold(location))
    first = 12 * 60 + 5 * spread(72, "matinee", *asked)  # 12:00 to 17:55
    second = 18 * 60 + 5 * spread(66, "evening", *asked)  # 18:00 to 23:25
    return {"movie": movie, "times": [as_time(first), as_time(second)]}
