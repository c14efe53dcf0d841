"""The layers (sandbox, then rewards, then rl) and the owners of heavy libraries, read from the imports."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ("sandbox", "rewards", "rl")
FILES = sorted(file.relative_to(ROOT).as_posix() for name in OURS for file in (ROOT / name).rglob("*.py"))
ENTRY_POINTS = {file for file in FILES if '__name__ == "__main__"' in (ROOT / file).read_text("utf-8")}
ENTRY_POINTS |= {file for file in FILES if file.endswith("__main__.py")}
OWNERS = {
    "vllm": {"rl/rollout/engines/vllm.py", "rl/weights/shared.py", "rl/weights/transfer.py"},
    "trl": {
        "rl/training/trainer.py",
        "rl/training/head.py",
        "rl/training/sft/trainer.py",
        "rl/config/trl.py",
    },
    "hydra": {"rl/config/cli.py"} | {file for file in ENTRY_POINTS if file.startswith("rl/")},
    "ray": {"rewards/service/actors.py", "rl/cluster.py", "rl/rollout/pool.py", "rl/runs/launch.py"},
}
ALLOWED = {"sandbox": {"sandbox"}, "rewards": {"rewards", "sandbox"}, "rl": {"rl", "rewards", "sandbox"}}
HEAVY = {"torch", "transformers", "trl", "vllm", "hydra"}


def imports(file: str) -> Iterator[str]:
    """Dotted names of all modules that the file imports, at its top or inside a function."""
    for node in ast.walk(ast.parse((ROOT / file).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import; write it in full"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def tops(file: str) -> set[str]:
    return {name.split(".")[0] for name in imports(file)}


@pytest.mark.parametrize("file", FILES)
def test_imports_only_from_its_own_layer_and_below(file: str) -> None:
    used = tops(file) & set(OURS)
    assert used <= ALLOWED[file.split("/")[0]]


@pytest.mark.parametrize("library", OWNERS)
def test_a_heavy_library_has_one_owner(library: str) -> None:
    users = {file for file in FILES if library in tops(file)}
    assert users <= OWNERS[library]


def test_rewards_and_sandbox_import_no_training_library() -> None:
    users = {file: tops(file) & HEAVY for file in FILES if not file.startswith("rl/")}
    assert {file: names for file, names in users.items() if names} == {}


def test_what_a_reply_claims_is_judged_in_one_direction() -> None:
    """Of these rooms and modules none imports one that comes after it."""
    order = "deeds sayings reply effects claims outcome".split()
    for place, name in enumerate(order):
        own = [file for file in FILES if file.startswith((f"rewards/{name}.py", f"rewards/{name}/"))]
        assert own
        later = tuple(f"rewards.{other}" for other in order[place + 1 :])
        assert {file for file in own if any(used.startswith(later) for used in imports(file))} == set()


def test_nobody_imports_an_entry_point() -> None:
    modules = {file.removesuffix(".py").replace("/", ".") for file in ENTRY_POINTS}
    assert modules
    assert {file: found for file in FILES if (found := modules & set(imports(file)))} == {}


def test_rewards_and_sandbox_run_where_torch_is_not_installed() -> None:
    apart = ENTRY_POINTS | OWNERS["ray"]
    files = [file for file in FILES if not file.startswith("rl/") and file not in apart]
    wanted = [file.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for file in files]
    block = f"import sys; sys.modules.update(dict.fromkeys({sorted(HEAVY | {'ray'})!r}))"
    code = f"{block}; import importlib; [importlib.import_module(name) for name in {wanted!r}]"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
