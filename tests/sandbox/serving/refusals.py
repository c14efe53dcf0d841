"""What a refusal of either server is."""

import httpx


def assert_one_line(refused: httpx.Response, status: int, said: str) -> None:
    """Its status and one short line, nothing else."""
    assert refused.status_code == status and list(refused.json()) == ["error"]
    line = refused.json()["error"]
    assert said in line and "\n" not in line and len(line) <= 300
