"""What can be held of the container without an engine to build it with."""

import ast
import json
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from sandbox.isolation import probe
from sandbox.server import application

ROOT = Path(__file__).resolve().parent.parent
DOCKER = ROOT / "docker"
DOCKERFILE = (DOCKER / "sandbox.Dockerfile").read_text("utf-8").replace("\\\n", "")
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))
SERVICE = COMPOSE["services"]["sandbox"]
SECCOMP = json.loads((DOCKER / "seccomp.json").read_text("utf-8"))


def lines(instruction: str) -> list[str]:
    return re.findall(rf"^(?:  )?{instruction} (.+)$", DOCKERFILE, re.MULTILINE)


def locked(name: str) -> dict[str, str]:
    entries = re.findall(r"^([\w.-]+)==(\S+)$", (DOCKER / name).read_text("utf-8"), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in entries}


def imported() -> set[str]:
    """The distributions that the files of ``sandbox/`` import."""
    modules = set()
    for file in (ROOT / "sandbox").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    homes = packages_distributions()
    return {
        canonicalize_name(home)
        for module in modules - sys.stdlib_module_names
        for home in homes.get(module, ())
    }


def needed(distributions: set[str]) -> set[str]:
    """These and all that they require in turn, as the installed metadata has it."""
    pending, found = [(name, "") for name in distributions], set()
    while pending:
        name, extra = pending.pop()
        if (name, extra) in found:
            continue
        found.add((name, extra))
        for text in requires(name) or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                pending += [(canonicalize_name(requirement.name), more) for more in ("", *requirement.extras)]
    return {name for name, _ in found}


def test_the_lock_has_all_that_the_sandbox_needs_and_no_more_at_the_versions_of_the_whole():
    small, whole = locked("sandbox.lock"), locked("cpu.lock")
    ours = canonicalize_name("polyglot-grpo")
    assert set(small) == needed(imported() - {ours}) - {ours}
    assert {name: version for name, version in small.items() if whole.get(name) != version} == {}
    assert not {"torch", "numpy", "transformers", "ray"} & set(small)


def test_what_is_copied_is_there_and_not_ignored():
    ignored = (DOCKER / "sandbox.Dockerfile.dockerignore").read_text("utf-8").splitlines()
    sources = [source for line in lines("COPY") for source in line.split()[:-1]]
    assert sources
    assert [source for source in sources if not (ROOT / source).exists() or f"!{source}" not in ignored] == []


def test_it_runs_as_nobody_and_tells_its_health():
    assert lines("USER") == ["10001:10001"]
    (check,) = lines("HEALTHCHECK")
    asked = json.loads(check.partition(" CMD ")[2])[-1]
    path = re.findall(r"http://127\.0\.0\.1:8700(/\w+)", asked)
    routes = application(None, None, 1, 1.0).routes  # type: ignore[arg-type]
    assert path == ["/health"] and path[0] in [getattr(route, "path", None) for route in routes]
    assert lines("EXPOSE") == ["8700"]
    ast.parse(asked)


def test_the_flags_are_the_server_s():
    done = subprocess.run(
        [sys.executable, "-m", "sandbox.serve", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    words = [*json.loads(lines("ENTRYPOINT")[0]), *SERVICE["command"]]
    flags = [word for word in words if word.startswith("--")]
    assert {"--host", "--port", "--programs"} <= set(flags)
    assert [flag for flag in flags if f"  {flag} " not in done.stdout] == []
    assert "POLYGLOT_SANDBOX_TOKEN" in done.stdout


def test_compose_gives_it_no_more_than_it_needs():
    assert SERVICE["read_only"] is True and SERVICE["cap_drop"] == ["ALL"] and SERVICE["init"] is True
    assert "no-new-privileges:true" in SERVICE["security_opt"]
    assert SERVICE["runtime"] == "${SANDBOX_RUNTIME:-runc}"
    assert COMPOSE["networks"] == {"sandbox": {"internal": True}} and SERVICE["networks"] == ["sandbox"]
    assert {"mem_limit", "memswap_limit", "cpus", "pids_limit", "tmpfs", "ulimits"} <= set(SERVICE)
    assert SERVICE["mem_limit"] == SERVICE["memswap_limit"]
    assert SERVICE["environment"]["POLYGLOT_SANDBOX_TOKEN"].startswith("${POLYGLOT_SANDBOX_TOKEN:?")
    assert not {"privileged", "cap_add", "ports", "volumes", "pid", "ipc", "network_mode"} & set(SERVICE)
    build = SERVICE["build"]
    assert ((DOCKER / build["context"]) / build["dockerfile"]).resolve() == DOCKER / "sandbox.Dockerfile"
    assert f"seccomp={(DOCKER / 'seccomp.json').name}" in SERVICE["security_opt"]


CONTAINED = """
import ctypes, json, os, sys
import pyseccomp
libc = ctypes.CDLL(None)
profile = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
for name in json.loads(sys.argv[1]):
    try:
        profile.add_rule(pyseccomp.ERRNO(1), name)
    except ValueError:
        pass  # libseccomp is older than the call
if sys.argv[3] == "nobody":
    for capability in range(64):
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
    os.setgroups([]), os.setresgid(*[10001] * 3), os.setresuid(*[10001] * 3)
libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
profile.load()
os.execv(sys.executable, [sys.executable, "-c", sys.argv[2]])
"""
REPORT = "import json; from sandbox.isolation import probe; print(json.dumps(probe()))"


def contained(names: list[str], user: str) -> dict[str, Any]:
    """What the probe finds under a profile that forbids ``names``."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    command = [sys.executable, "-c", CONTAINED, json.dumps(names), REPORT, user]
    done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def all_may_read(path: str) -> bool:
    resolved = Path(os.path.realpath(path))
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in [resolved, *resolved.parents])


@pytest.mark.skipif(bool(probe()["missing"]), reason="not isolated here")
@pytest.mark.parametrize("user", ["as we are", "nobody"])
def test_under_its_seccomp_profile_programs_can_be_isolated_and_under_a_stricter_one_are_refused(user):
    if user == "nobody" and (
        os.geteuid() != 0 or not all_may_read(sys.executable) or not all_may_read(str(ROOT))
    ):
        pytest.skip("nobody else may run this Python")
    (rule,) = SECCOMP["syscalls"]
    assert (SECCOMP["defaultAction"], rule["action"], rule["errnoRet"]) == (
        "SCMP_ACT_ALLOW",
        "SCMP_ACT_ERRNO",
        1,
    )
    assert len(set(rule["names"])) == len(rule["names"])
    assert contained(rule["names"], user)["level"] == "full"
    stricter = contained([*rule["names"], "unshare", "mount"], user)
    assert stricter["missing"] == ["user_namespaces", "bubblewrap"] and stricter["level"] == "process"
