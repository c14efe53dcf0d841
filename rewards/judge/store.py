"""What the judges' answers cost and were, in one SQLite file that all processes of a run share."""

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (run TEXT PRIMARY KEY, cost REAL NOT NULL DEFAULT 0, free REAL NOT NULL DEFAULT 0);
"""
PATIENCE = 30.0  # seconds for another process to let go of the file


@dataclass(frozen=True)
class Store:
    """``run`` names whose money is spent; a resumed run goes on with what is left."""

    database: sqlite3.Connection
    run: str

    def answer(self, key: str) -> str | None:
        """An answer given before to the same content."""
        row = self.database.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def keep(self, key: str, answer: str) -> None:
        self.database.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, answer))

    def spend(self, cost: float, budget: float | None) -> bool:
        """Puts ``cost`` aside, or gives some back where it is below 0; False, and nothing spent, where the
        budget would not hold it."""
        changed = self.database.execute(
            "UPDATE runs SET cost = cost + :cost WHERE run = :run AND (:budget IS NULL OR cost + :cost <= :budget)",
            {"cost": cost, "run": self.run, "budget": budget},
        )
        return changed.rowcount == 1

    def cost(self) -> float:
        """What the run has spent, over all its processes."""
        return float(self.database.execute("SELECT cost FROM runs WHERE run = ?", (self.run,)).fetchone()[0])

    def turn(self, interval: float) -> float:
        """Takes the next turn to ask, ``interval`` seconds after the last; returns the seconds until then."""
        now = time.time()
        row = self.database.execute(
            "UPDATE runs SET free = max(free, ?) + ? WHERE run = ? RETURNING free", (now, interval, self.run)
        ).fetchone()
        return max(0.0, float(row[0]) - interval - now)


def open_store(path: str | None, run: str) -> Store:
    """The store in a file, made where it is missing; None: in memory, of this process alone.

    Raises ValueError for a file that cannot be one.
    """
    try:
        if path is not None:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(
            path or ":memory:", timeout=PATIENCE, isolation_level=None, check_same_thread=False
        )
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.executescript(SCHEMA)
        database.execute("INSERT OR IGNORE INTO runs (run) VALUES (?)", (run,))
    except (OSError, sqlite3.Error) as error:
        raise ValueError(
            f"The judge's cache {path} cannot be opened ({error}); choose another judge.cache."
        ) from error
    return Store(database, run)
