"""``polyglot-grpo``, or ``python -m rl``: one command for every entry point."""

import os
import runpy
import sys

from rl.terminal import quiet_when_closed

COMMANDS = {
    "train": ("rl.train", "train a policy"),
    "sft": ("rl.sft", "supervised steps on gold trajectories, which GRPO can start from"),
    "evaluate": ("rl.evaluate", "measure a model on held-out tasks"),
    "compare": ("rl.compare", "runs beside each other, by language and part"),
    "plan": ("rl.plan", "the memory that a run needs, and what to change where it does not fit"),
    "pairs": ("rl.pairs", "preference pairs from a run's samples, for TRL's DPO"),
    "report": ("rl.report", "one HTML file of runs: charts, comparison, samples"),
    "inspect": ("rl.inspect", "a run's samples in the terminal, the worst first"),
    "preview": ("rl.preview", "prompts, tokens and a right answer's score, before anything is trained"),
    "study": ("rl.study", "finished runs again: advantages under other settings, mixtures of languages"),
    "doctor": ("rl.doctor", "what this machine has for training, and how to get what it lacks"),
    "check-reward": ("rewards.check", "try a reward of your own on right answers, wrong ones and tricks"),
    "judge": ("rewards.judge", "compare judges with what people say, and calibrate them"),
    "check-rest": ("sandbox.rest", "try tools that are REST APIs before a run"),
    "serve-rewards": ("rewards.serve", "score for other trainers over HTTP"),
    "serve-sandbox": ("sandbox.serve", "run tools for other machines over HTTP"),
}


def main() -> None:
    """Run the entry point that the first word names, as ``python -m`` would; exits with 2 for another word."""
    command = sys.argv[1] if len(sys.argv) > 1 else "--help"
    with quiet_when_closed():
        if command in ("-h", "--help"):
            print(_help())
        elif command not in COMMANDS:
            sys.exit(_unknown(command))
        else:
            del sys.argv[1]
            sys.path.insert(0, os.getcwd())  # where rewards and tools of one's own are, as with python -m
            runpy.run_module(COMMANDS[command][0], run_name="__main__", alter_sys=True)


def _help() -> str:
    lines = (f"  {name:<15} {text} (python -m {module})" for name, (module, text) in COMMANDS.items())
    return "\n".join(["polyglot-grpo COMMAND ..., COMMAND one of", *lines, "COMMAND --help says more."])


def _unknown(command: str) -> int:
    from rl.errors import hint

    print(
        f"{command} is not a command{hint(command, COMMANDS)}; there are {', '.join(COMMANDS)}",
        file=sys.stderr,
    )
    return 2


if __name__ == "__main__":
    main()
