"""What can be held of the container without an engine to build it with."""

import ast
import ipaddress
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from sandbox.isolation.bubblewrap import LEVELS, probe
from sandbox.serving.app import application

ROOT = Path(__file__).resolve().parent.parent
DOCKER = ROOT / "docker"
IMAGES = {"sandbox": 8700, "rewards": 8800, "trainer": None}  # with the port that each listens on
FILES = {name: (DOCKER / f"{name}.Dockerfile").read_text("utf-8").replace("\\\n", "") for name in IMAGES}
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))
SERVICES = COMPOSE["services"]
SECCOMP = json.loads((DOCKER / "seccomp.json").read_text("utf-8"))


def lines(instruction: str, image: str = "sandbox") -> list[str]:
    return re.findall(rf"^(?:  )?{instruction} (.+)$", FILES[image], re.MULTILINE)


def locked(name: str) -> dict[str, str]:
    entries = re.findall(r"^([\w.-]+)==(\S+)(?: \\)?$", (DOCKER / name).read_text("utf-8"), re.MULTILINE)
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


@pytest.mark.parametrize("name", ["sandbox.lock", "rewards.lock", "gpu.lock"])
def test_a_lock_has_a_hash_for_each_package_and_the_versions_of_the_whole(name):
    text = (DOCKER / name).read_text("utf-8")
    entries = re.split(r"\n(?=[\w.-]+==)", text)[1:]
    assert len(entries) > 30 and all(re.search(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries)
    whole, here = locked("cpu.lock"), locked(name)
    others = {package for package, version in here.items() if whole.get(package, version) != version}
    assert others <= ({"apache-tvm-ffi"} if name == "gpu.lock" else set())  # vLLM's own pin on CUDA
    assert ("torch" in here) is (name == "gpu.lock")


def test_the_trainer_s_lock_has_what_its_extras_name():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [Requirement(text) for extra in ("cpu", "gpu", "serve", "mcp") for text in extras[extra]]
    here = locked("gpu.lock")
    for requirement in [*wanted, *map(Requirement, project["dependencies"])]:
        if requirement.name != "polyglot-grpo":
            assert requirement.specifier.contains(here[canonicalize_name(requirement.name)]), requirement


@pytest.mark.parametrize("image", IMAGES)
def test_what_is_copied_is_there_and_not_ignored(image):
    ignored = (DOCKER / f"{image}.Dockerfile.dockerignore").read_text("utf-8").splitlines()
    sources = [source for line in lines("COPY", image) for source in line.split()[:-1]]
    assert sources
    assert [source for source in sources if not (ROOT / source).exists() or f"!{source}" not in ignored] == []


@pytest.mark.parametrize("image", IMAGES)
def test_it_runs_as_nobody_and_tells_its_health(image):
    assert lines("USER", image) == ["10001:10001"]
    port = IMAGES[image]
    if port is not None:
        (check,) = lines("HEALTHCHECK", image)
        asked = json.loads(check.partition(" CMD ")[2])[-1]
        assert re.findall(rf"http://127\.0\.0\.1:{port}(/\w+)", asked) == ["/health"]
        assert lines("EXPOSE", image) == [str(port)]
        ast.parse(asked)


def test_health_and_readiness_are_served():
    routes = application(None, None, 1, 1.0).routes  # type: ignore[arg-type]
    assert {"/health", "/ready"} <= {getattr(route, "path", None) for route in routes}


@pytest.mark.parametrize("name", ["sandbox", "rewards"])
def test_the_flags_are_the_server_s(name):
    command = [sys.executable, "-m", f"{name}.serve", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    words = [*json.loads(lines("ENTRYPOINT", name)[0]), *SERVICES[name]["command"]]
    flags = [word for word in words if word.startswith("--")]
    assert {"--host", "--port"} <= set(flags)
    assert [flag for flag in flags if f"  {flag} " not in done.stdout] == []
    assert f"POLYGLOT_{name.upper()}_TOKEN" in done.stdout


@pytest.mark.parametrize("name", ["sandbox", "rewards"])
def test_compose_gives_it_no_more_than_it_needs(name):
    service = SERVICES[name]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"] and service["init"] is True
    assert "no-new-privileges:true" in service["security_opt"]
    assert COMPOSE["networks"]["inside"]["internal"] is True and list(service["networks"]) == ["inside"]
    assert {"mem_limit", "memswap_limit", "cpus", "pids_limit", "tmpfs", "ulimits"} <= set(service)
    assert service["mem_limit"] == service["memswap_limit"]
    assert not {"privileged", "cap_add", "ports", "volumes", "pid", "ipc", "network_mode"} & set(service)
    build = service["build"]
    assert ((DOCKER / build["context"]) / build["dockerfile"]).resolve() == DOCKER / f"{name}.Dockerfile"


def test_compose_s_sandbox_has_its_profile_and_its_token():
    service = SERVICES["sandbox"]
    assert f"seccomp={(DOCKER / 'seccomp.json').name}" in service["security_opt"]
    assert service["runtime"] == "${SANDBOX_RUNTIME:-runc}"
    assert service["environment"]["POLYGLOT_SANDBOX_TOKEN"].startswith("${POLYGLOT_SANDBOX_TOKEN:?")


def test_a_trainer_on_the_host_reaches_the_servers_at_fixed_addresses():
    subnet = ipaddress.ip_network(COMPOSE["networks"]["inside"]["ipam"]["config"][0]["subnet"])
    places = [ipaddress.ip_address(SERVICES[name]["networks"]["inside"]["ipv4_address"]) for name in SERVICES]
    assert len(set(places)) == len(places) and all(place in subnet for place in places)
    assert f"sandbox.url=http://{places[0]}:8700" in (DOCKER / "compose.yaml").read_text("utf-8")


def test_on_kubernetes_the_sandbox_has_no_rights_and_no_way_out():
    documents = list(yaml.safe_load_all((DOCKER / "kuberay.yaml").read_text("utf-8")))
    kinds = {document["kind"]: document for document in documents}
    assert list(kinds) == ["Deployment", "Service", "NetworkPolicy", "RayJob"]
    pod = kinds["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] and not pod["automountServiceAccountToken"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert kinds["NetworkPolicy"]["spec"]["egress"] == []
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready"
    version = kinds["RayJob"]["spec"]["rayClusterSpec"]["rayVersion"]
    assert version == locked("gpu.lock")["ray"]


def test_what_is_started_on_slurm_is_a_script_with_the_server_s_flags():
    script = DOCKER / "slurm.sh"
    subprocess.run(["bash", "-n", script], check=True)
    assert "--isolation unprivileged" in script.read_text("utf-8") and "unprivileged" in LEVELS


CONTAINED = """
import ctypes, json, os, sys
import pyseccomp
libc = ctypes.CDLL(None)
profile = pyseccomp.SyscallFilter(pyseccomp.ERRNO(1))
compared = {"SCMP_CMP_EQ": pyseccomp.EQ, "SCMP_CMP_NE": pyseccomp.NE}
for rule in json.loads(sys.argv[1]):
    action = pyseccomp.ALLOW if rule["action"] == "SCMP_ACT_ALLOW" else pyseccomp.ERRNO(rule["errnoRet"])
    arguments = [pyseccomp.Arg(a["index"], compared[a["op"]], a["value"]) for a in rule.get("args", ())]
    for name in rule["names"]:
        try:
            profile.add_rule(action, name, *arguments)
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
REPORT = "import json; from sandbox.isolation.bubblewrap import probe; print(json.dumps(probe()))"


def contained(rules: list[dict[str, Any]], user: str) -> dict[str, Any]:
    """What the probe finds under a profile of these rules."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    command = [sys.executable, "-c", CONTAINED, json.dumps(rules), REPORT, user]
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
    rules = SECCOMP["syscalls"]
    assert contained(rules, user)["level"] == "full"
    (namespaces,) = [rule for rule in rules if "bubblewrap" in rule.get("comment", "")]
    stricter = contained([rule for rule in rules if rule is not namespaces], user)
    assert stricter["missing"] == ["user_namespaces", "bubblewrap"] and stricter["level"] == "process"
    assert stricter["unprivileged"] is probe()["unprivileged"]


def test_its_seccomp_profile_is_an_allowlist_without_what_has_a_history_of_holes():
    assert (SECCOMP["defaultAction"], SECCOMP["defaultErrnoRet"]) == ("SCMP_ACT_ERRNO", 1)
    allowed = [name for rule in SECCOMP["syscalls"] if "args" not in rule for name in rule["names"]]
    assert len(allowed) == len(set(allowed)) > 200
    holes = "bpf io_uring_setup keyctl add_key ptrace perf_event_open userfaultfd setns process_vm_writev init_module"
    assert not {*holes.split(), "kexec_load", "open_by_handle_at", "fsopen", "modify_ldt", "socket"} & set(
        allowed
    )
