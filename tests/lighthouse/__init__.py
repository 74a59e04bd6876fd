"""Lighthouse on a running server: a simulated mid-range phone on a slow network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from tests.browser import ARGUMENTS, chromium_path

HERE = Path(__file__).resolve().parent


GOOD = 90


def scores(url: str, *, tries: int = 3, cookies: str = "") -> dict[str, int]:
    """Scores of 0–100 for ``performance``, ``accessibility`` and ``best-practices`` of the page at `url`.

    Other work on the machine can only make a page look slower, so the fastest of up to `tries` runs counts; the
    first that reaches 90 ends it. `cookies` is the header of a signed-in person (``name=value; …``).
    """
    best = _measure(url, cookies)
    for _try in range(tries - 1):
        if best["performance"] >= GOOD:
            break
        best = max(best, _measure(url, cookies), key=lambda run: run["performance"])
    return best


def _measure(url: str, cookies: str) -> dict[str, int]:
    program = HERE / "node_modules/.bin/lighthouse"
    if not program.exists():
        npm = shutil.which("npm")
        if not npm:
            raise RuntimeError("npm is missing: install Node.js, then run: cd tests/lighthouse && npm ci")
        subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True)
    finished = subprocess.run(
        [
            str(program),
            url,
            "--quiet",
            "--output=json",
            "--only-categories=performance,accessibility,best-practices",
            *([f"--extra-headers={json.dumps({'Cookie': cookies})}"] if cookies else []),
            f"--chrome-flags={' '.join(['--headless=new', *ARGUMENTS])}",
        ],
        env={**os.environ, "CHROME_PATH": chromium_path()},
        stdout=subprocess.PIPE,
        check=True,
        timeout=180,
    )
    report = json.loads(finished.stdout)
    return {name: round(100 * category["score"]) for name, category in report["categories"].items()}
