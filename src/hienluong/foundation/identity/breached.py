"""Passwords that stood in leaked lists: a file made by the operator, asked without the network.

The file keeps of each SHA-1 only its first bits, in order: the first `index_bits` say in which bucket a hash stands, the
next sixteen are written down (two bytes a password). So a password that never leaked is taken for one with a chance of
``count / 2 ** (index_bits + 16)``, at most about one in a thousand; one that leaked is always found. It is read where it
lies (``mmap``): all processes share one copy, and a question looks at one or two pages of it.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import struct
import sys
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

_MAGIC = b"HLBREACH"
_HEAD = struct.Struct("<8sBxxxIQ")  # magic, index bits, most in one bucket, how many
_OFFSET = struct.Struct("<II")
_WRITTEN = 2  # bytes of each hash that are kept
#: How many hashes one bucket holds on average, at most about twice as many.
_A_BUCKET = 32
_MOST_INDEX_BITS, _LEAST_INDEX_BITS = 24, 8
_MOST = 2**32 - 1


class BadList(ValueError):
    """A list, or a file made of one, that cannot be used; the message says why."""


@dataclass(frozen=True)
class Known:
    """What a file holds: how many passwords, and the chance with which another one is taken for one of them."""

    count: int
    chance: float


class Breached:
    """A file of leaked passwords, open for questions. Raises BadList when it is not one, OSError when it is not there."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as opened:
            size = os.fstat(opened.fileno()).st_size
            if size < _HEAD.size:
                raise BadList(f"{file}: not a file of breached passwords")
            self._map = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        magic, self._bits, _longest, self._count = _HEAD.unpack_from(self._map)
        self._offsets = _HEAD.size + self._count * _WRITTEN
        if magic != _MAGIC or size != self._offsets + 4 * (2**self._bits + 1):
            raise BadList(f"{file}: not a file of breached passwords, or cut short")

    @property
    def known(self) -> Known:
        """How much it holds."""
        return Known(self._count, self._count / 2 ** (self._bits + 8 * _WRITTEN))

    def __contains__(self, password: str) -> bool:
        bucket, rest = _split(_first_bits(_sha1(password)), self._bits)
        first, end = _OFFSET.unpack_from(self._map, self._offsets + 4 * bucket)
        start = _HEAD.size + first * _WRITTEN
        written = rest.to_bytes(_WRITTEN, "little")
        there = self._map[start : start + (end - first) * _WRITTEN]
        return any(there[at : at + _WRITTEN] == written for at in range(0, len(there), _WRITTEN))

    def close(self) -> None:
        """Let the file go."""
        self._map.close()


_open: dict[Path, tuple[tuple[int, int], Breached]] = {}


def opened(file: Path) -> Breached | None:
    """The file, opened again after it was replaced; None when there is none. Raises BadList."""
    try:
        state = file.stat()
    except FileNotFoundError:
        _open.pop(file, None)
        return None
    mark = (state.st_mtime_ns, state.st_ino)
    held = _open.get(file)
    if held is None or held[0] != mark:
        held = _open[file] = (mark, Breached(file))
    return held[1]


def make(source: Path, target: Path, *, at_least: int = 1, plain: bool = False) -> Known:
    """Make `target` of a list, in one pass and little memory; it appears whole or not at all.

    `source` is a text file with lines ``SHA1`` or ``SHA1:count`` in the order of the hashes, or a folder of range files
    (``00000.txt`` … with lines ``rest-of-SHA1:count``); with `plain`, a text file of passwords (sorted in memory).
    `at_least`: leave out what was seen fewer times. Raises BadList, OSError.
    """
    if plain:
        hashes: Iterable[int] = sorted({_first_bits(_sha1(word)) for word in _lines(source)})
        bits = _index_bits(len(hashes))  # type: ignore[arg-type]
    else:
        hashes = _of_folder(source, at_least) if source.is_dir() else _of_file(source, at_least)
        size = sum(part.stat().st_size for part in source.iterdir()) if source.is_dir() else source.stat().st_size
        bits = _index_bits(size // 42)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".breached-")
    try:
        with os.fdopen(handle, "w+b") as out:
            known = _write(out, hashes, bits)
            out.flush()
            os.fsync(out.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return known


def _write(file: BinaryIO, hashes: Iterable[int], bits: int) -> Known:
    file.write(bytes(_HEAD.size))
    sizes = array("I", bytes(4 * 2**bits))
    waiting, count, before = bytearray(), 0, -1
    for each in hashes:
        if each < before:
            raise BadList("the hashes are not in order: sort the list first (LC_ALL=C sort)")
        if each == before:
            continue
        before = each
        bucket, rest = _split(each, bits)
        sizes[bucket] += 1
        waiting += rest.to_bytes(_WRITTEN, "little")
        count += 1
        if len(waiting) > 1 << 20:
            file.write(waiting)
            waiting.clear()
    if not 0 < count <= _MOST:
        raise BadList("there is no password in the list" if not count else "the list is too long")
    file.write(waiting)
    ends, at = array("I", [0]), 0
    for size in sizes:
        at += size
        ends.append(at)
    longest = max(end - start for start, end in pairwise(ends))
    if sys.byteorder == "big":
        ends.byteswap()
    file.write(ends.tobytes())
    file.seek(0)
    file.write(_HEAD.pack(_MAGIC, bits, longest, count))
    return Known(count, count / 2 ** (bits + 8 * _WRITTEN))


def _index_bits(count: int) -> int:
    return min(max((count // _A_BUCKET).bit_length(), _LEAST_INDEX_BITS), _MOST_INDEX_BITS)


def _split(first: int, bits: int) -> tuple[int, int]:
    """The bucket of a hash and what is written of it, from its first forty bits."""
    return first >> (40 - bits), (first >> (24 - bits)) & 0xFFFF


def _sha1(password: str) -> str:
    return hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _first_bits(sha1: str) -> int:
    return int(sha1[:10], 16)


def _lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8", errors="replace") as opened:
        for line in opened:
            if word := line.rstrip("\r\n"):
                yield word


def _of_file(file: Path, at_least: int) -> Iterator[int]:
    for number, line in enumerate(_lines(file), 1):
        found = _of_line(line, at_least, f"{file}, line {number}")
        if found is not None:
            yield found


def _of_folder(folder: Path, at_least: int) -> Iterator[int]:
    for file in sorted(folder.iterdir()):
        prefix = file.stem.upper()
        if len(prefix) != 5 or set(prefix) - set("0123456789ABCDEF"):
            continue
        for number, line in enumerate(_lines(file), 1):
            found = _of_line(prefix + line, at_least, f"{file}, line {number}")
            if found is not None:
                yield found


def _of_line(line: str, at_least: int, where: str) -> int | None:
    """The first forty bits of the hash on a line; None when it was seen too rarely."""
    sha1, _colon, seen = line.strip().partition(":")
    try:
        if len(sha1) != 40:
            raise ValueError
        return None if at_least > 1 and int(seen) < at_least else int(sha1[:10], 16)
    except ValueError:
        raise BadList(f"{where}: not a line SHA1:count (NTLM lists are of no use here)") from None
