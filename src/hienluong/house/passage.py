"""Letting one system user pass through folders, and nobody else: the database server must reach its files.

PostgreSQL refuses to run as root, so under root it runs as a user of its own, who may not pass through a private
folder such as ``/root``. Folders of ours are opened to passing (not to listing). A folder above them that belongs to
us gets an entry in its access control list for that one user; one that belongs to somebody else is left alone, and
the person is told what to do.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Sequence
from pathlib import Path

_XATTR = "system.posix_acl_access"
_VERSION = struct.pack("<I", 2)
_ENTRY = struct.Struct("<HHI")
_USER_OBJ, _USER, _GROUP_OBJ, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
_NOBODY = 0xFFFFFFFF
_PASS = 1


class NoPassage(OSError):
    """A folder that the server's user may not pass, and that is not ours to open; the message says what to do."""


def let_pass(path: Path, uid: int, user: str, ours: Sequence[Path]) -> list[Path]:
    """Let `user` reach `path`; returns the folders above `ours` that were opened to this user alone."""
    opened: list[Path] = []
    for folder in path.parents:
        info = folder.stat()
        if info.st_mode & stat.S_IXOTH or info.st_uid == uid or _may_pass(folder, uid):
            continue
        if any(folder == own or own in folder.parents for own in ours):
            folder.chmod(info.st_mode | stat.S_IXOTH)
            continue
        if info.st_uid != os.geteuid() or not _grant(folder, uid):
            raise NoPassage(
                f"Người dùng hệ thống {user} (chạy PostgreSQL) không đi qua được thư mục {folder}. Chọn thư mục khác "
                f"(ví dụ --state /var/lib/hienluong), hoặc cho phép: setfacl -m u:{user}:x {folder}"
            )
        opened.append(folder)
    return opened


def _entries(folder: Path) -> list[tuple[int, int, int]]:
    """The access control list of a folder; what its mode says when it has none."""
    try:
        raw = os.getxattr(folder, _XATTR)
    except OSError:
        mode = folder.stat().st_mode
        return [(_USER_OBJ, mode >> 6 & 7, _NOBODY), (_GROUP_OBJ, mode >> 3 & 7, _NOBODY), (_OTHER, mode & 7, _NOBODY)]
    return [(tag, permissions, who) for tag, permissions, who in _ENTRY.iter_unpack(raw[4:])]


def _may_pass(folder: Path, uid: int) -> bool:
    entries = _entries(folder)
    mask = next((permissions for tag, permissions, _ in entries if tag == _MASK), 7)
    return any(tag == _USER and who == uid and permissions & mask & _PASS for tag, permissions, who in entries)


def _grant(folder: Path, uid: int) -> bool:
    """Add passing for one user; False when the file system keeps no such lists."""
    entries = [entry for entry in _entries(folder) if entry[0] != _MASK and not (entry[0] == _USER and entry[2] == uid)]
    entries.append((_USER, _PASS, uid))
    mask = 0
    for tag, permissions, _ in entries:
        if tag in (_USER, _GROUP_OBJ, _GROUP):
            mask |= permissions
    entries.append((_MASK, mask, _NOBODY))
    raw = _VERSION + b"".join(_ENTRY.pack(*entry) for entry in sorted(entries, key=lambda entry: (entry[0], entry[2])))
    try:
        os.setxattr(folder, _XATTR, raw)
    except OSError:
        return False
    return True
