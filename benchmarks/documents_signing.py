"""PAdES signatures a second, beside ``openssl`` with a key of the same size in the same run. For ``make bench NAME=documents``.

One process signs one after the other; ``openssl speed`` does too. A signature in a PDF is more than an RSA operation: the
file is laid out, hashed, written; B-T and B-LT ask a timestamp authority (ours, in the process), B-LT embeds certificates and
lists of revoked ones. Rounds of both go turn about.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import time
from collections.abc import Callable

from benchmarks.reporting import Report

ROUNDS, SECONDS = 5, 2.0


def measure(report: Report) -> None:
    """Signatures a second at each level, as medians over rounds."""
    from hienluong.capabilities.signing import pades, pki, service
    from hienluong.capabilities.signing.papers import render_pdf
    from hienluong.capabilities.signing.providers.demo import held

    holder = pki.Holder("DO-TOC-DO", "Nguyễn Văn Đo", "Sở Thử nghiệm")
    pdf = render_pdf("signing/papers/base.html", {}, title="Văn bản để đo")
    path = pki.holder_file(holder)
    key = held(path, path.stat().st_mtime_ns)
    seal = service.Signer(holder.name, key.chain, lambda data: key.sign_raw(data, "sha256"))
    mark = service.Mark(seal, service.SEAL_FIELD, service.LEADER_BOX)

    def plain(*, timestamp: bool) -> None:
        prepared = pades.prepare(pdf, pades.Place("ChuKy"), key.chain)
        pades.finish(prepared, key.sign_raw(prepared.to_sign, "sha256"), key.chain, timestamp=timestamp)

    ways: dict[str, Callable[[], object]] = {
        "PAdES B-B": lambda: plain(timestamp=False),
        "PAdES B-T": lambda: plain(timestamp=True),
        "PAdES B-LT with its look": lambda: service.sign(pdf, [mark], "Đo"),
        "RSA alone, our key": lambda: key.sign_raw(b"x" * 200, "sha256"),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    bare = []
    for _ in range(ROUNDS):
        bare.append(_openssl(key.held.key_size))
        for name, way in ways.items():
            rates[name].append(_rate(way))
    base = statistics.median(bare)
    report.note(f"openssl rsa{key.held.key_size}", base, "signatures/s")
    for name, found in rates.items():
        report.note(name, statistics.median(found), "signatures/s", baseline=round(base, 1))


def _rate(way: Callable[[], object]) -> float:
    way()
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        way()
        done += 1
    return done / (time.perf_counter() - began)


def _openssl(bits: int) -> float:
    """Signatures a second of ``openssl speed``, one process."""
    told = subprocess.run(
        ["openssl", "speed", "-seconds", "2", f"rsa{bits}"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(rf"rsa\s+{bits} bits\s+[\d.]+s\s+[\d.]+s\s+([\d.]+)", told)
    if found is None:
        raise RuntimeError(f"openssl said nothing of rsa{bits}: {told[-400:]}")
    return float(found[1])
