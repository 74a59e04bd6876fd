"""Judge a folder of signed files of others with our verifier and with the tools of Debian, and print one line of JSON.

PDF beside ``pdfsig``, XML beside ``xmlsec1``, CMS beside ``openssl``. What must be zero: ``ours_intact_theirs_altered``: files
that we call unaltered and they do not. Trust is left out on both sides: nobody trusts the authorities of test files.
Run by ``make verify-corpus DIR=…``; with ``LIST=1`` every disagreement is told on the error output.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Literal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hienluong.house.settings")
os.environ.setdefault("HIENLUONG_STATE", tempfile.mkdtemp(prefix="hienluong-corpus-"))
os.environ.setdefault("HIENLUONG_LOG", "ERROR")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

import django

django.setup()

from lxml import etree  # noqa: E402

from hienluong.capabilities.signing.judging import detached, xml  # noqa: E402
from hienluong.capabilities.signing.judging.chain import Anchors  # noqa: E402
from hienluong.capabilities.signing.judging.finding import SignatureFinding  # noqa: E402
from hienluong.capabilities.signing.judging.xml_tree import Refused, open_tree  # noqa: E402
from hienluong.capabilities.signing.validation import Signed  # noqa: E402

State = Literal["intact", "altered", "unreadable", "unsigned"]
NOBODY = Anchors(roots=[], lists=[])
#: These say that the file is not what was signed, or not all of it.
ALTERED = {"altered", "changed", "partial", "added"}
PATIENCE = 60


def of_findings(findings: list[SignatureFinding]) -> State:
    """One word for all signatures of a file."""
    if not findings:
        return "unsigned"
    codes = {problem.code for finding in findings for problem in finding.problems}
    return "altered" if codes & ALTERED else "intact"


def ours(path: Path, kind: str, content: bytes | None) -> State:
    """What our verifier says of the bytes of a file, whoever signed it."""
    data = path.read_bytes()
    try:
        if kind == "pdf":
            signed = Signed(data)
            return "unreadable" if signed.of_another_kind else of_findings(signed.findings(NOBODY, None))
        if kind == "xml":
            return of_findings(xml.findings(data, NOBODY)[0])
        der = detached.unwrapped(data)
        return "unreadable" if der is None else of_findings(detached.findings(der, NOBODY, content))
    except Refused:
        return "unreadable"
    except Exception:  # hostile bytes raise anything; the page answers the same
        return "unreadable"


def said_by(command: list[str]) -> tuple[int, str]:
    """The exit code and the words of a program."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return 99, ""
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def by_pdfsig(path: Path) -> State:
    """pdfsig: every signature valid, or not. It does not judge timestamps over the whole, nor kinds of keys it lacks."""
    _code, said = said_by(["pdfsig", "-nocert", str(path)])
    lines = [line.partition("Signature Validation:")[2].strip() for line in said.splitlines()]
    verdicts = {line for line in lines if line} - {"Signature has not yet been verified."}
    if not verdicts:
        return "unsigned" if "does not contain any signatures" in said else "unreadable"
    if verdicts == {"Signature is Valid."}:
        return "intact"
    altered = {"Digest Mismatch.", "Signature is Invalid."}
    return "altered" if verdicts & altered else "unreadable"


def openssl_believes(path: Path) -> bool:
    """A third opinion on a PDF where pdfsig says no: OpenSSL on the signed bytes of each signature."""
    data = path.read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        signature, content = Path(folder) / "s.der", Path(folder) / "content"
        for embedded in Signed(data).signatures:
            signature.write_bytes(embedded.pkcs7_content)
            first, length, second, rest = (int(each) for each in embedded.byte_range)
            content.write_bytes(data[first : first + length] + data[second : second + rest])
            if by_openssl(signature, content) != "intact":
                return False
    return True


def by_xmlsec(path: Path) -> State:
    """xmlsec1 on the first signature, with the key of the certificate inside."""
    try:
        root = open_tree(path.read_bytes())
    except Refused:
        return "unreadable"
    names = {
        (name, element.tag)
        for element in root.iter(etree.Element)
        for name in ("Id", "ID", "id")
        if element.get(name) is not None
    }
    ids: list[str] = []
    for name, tag in sorted(names):
        qualified = etree.QName(tag)
        full = f"{qualified.namespace}:{qualified.localname}" if qualified.namespace else qualified.localname
        ids += [f"--id-attr:{name}", full]
    code, said = said_by(["xmlsec1", "--verify", "--insecure", *ids, str(path)])
    if code == 0:
        return "intact"
    return "altered" if "FAIL" in said else "unreadable"


def by_openssl(path: Path, content: Path | None) -> State:
    """openssl cms on DER or PEM."""
    for form in ("DER", "PEM"):
        command = [
            "openssl",
            "cms",
            "-verify",
            "-noverify",
            "-binary",
            "-inform",
            form,
            "-in",
            str(path),
            "-out",
            "/dev/null",
        ]
        code, said = said_by([*command, *(["-content", str(content)] if content else [])])
        if code == 0:
            return "intact"
        if "verification failure" in said.lower() or "digest" in said.lower():
            return "altered"
    return "unreadable"


def kind_of(path: Path) -> str:
    """By its ending; empty for what is no signed file."""
    ending = path.suffix.lower()
    return {".pdf": "pdf", ".xml": "xml", ".p7s": "cms", ".p7m": "cms", ".cms": "cms", ".pkcs7": "cms"}.get(ending, "")


def content_of(path: Path) -> Path | None:
    """The file that a detached signature is of: the same name without the ending, when there is one."""
    found = path.with_suffix("")
    return found if found.is_file() else None


def main(folder: Path) -> int:
    """Judge every file; 1 when we believed what they did not."""
    told: dict[str, Counter[str]] = {}
    started, listing = time.monotonic(), os.environ.get("LIST")
    for path in sorted(folder.rglob("*")):
        kind = kind_of(path) if path.is_file() else ""
        if not kind:
            continue
        beside = content_of(path) if kind == "cms" else None
        our = ours(path, kind, beside.read_bytes() if beside else None)
        their = by_pdfsig(path) if kind == "pdf" else by_xmlsec(path) if kind == "xml" else by_openssl(path, beside)
        counts = told.setdefault(kind, Counter())
        if kind == "pdf" and (our, their) == ("intact", "altered") and openssl_believes(path):
            counts["pdfsig_alone_says_altered"] += 1  # keys that its library lacks; OpenSSL verifies them
            their = "unreadable"
        counts["files"] += 1
        counts[f"ours_{our}_theirs_{their}"] += 1
        if listing and our != their:
            sys.stderr.write(f"{our:10} {their:10} {path.relative_to(folder)}\n")
    bad = sum(counts["ours_intact_theirs_altered"] for counts in told.values())
    line = {kind: dict(sorted(counts.items())) for kind, counts in sorted(told.items())}
    took = round(time.monotonic() - started, 1)
    sys.stdout.write(json.dumps({"name": "verify-corpus", **line, "must_be_zero": bad, "seconds": took}) + "\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
