"""Where a system may be answered: the addresses it registered, letter for letter."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.utils.translation import gettext as _

LOOPBACK = ("127.0.0.1", "[::1]")


def allowed(asked: str, registered: list[str]) -> bool:
    """Whether `asked` is one of the registered addresses (RFC 9700, 2.1); on loopback any port will do (RFC 8252, 7.3)."""
    if asked in registered:
        return True
    plain = _without_port(asked)
    return bool(plain) and plain in {_without_port(uri) for uri in registered}


def same_origin(origin: str, uri: str) -> bool:
    """Whether an address lies at this origin; on loopback at any port of it, as above."""
    parts = urlsplit(uri)
    if parts.scheme in ("https", "http") and origin == f"{parts.scheme}://{parts.netloc}":
        return True
    return bool(plain := _without_port(origin)) and plain == _without_port(f"{parts.scheme}://{parts.netloc}")


def _without_port(uri: str) -> str:
    """A loopback address without its port; empty for every other, and for one that is not plain."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return ""
    host = parts.netloc.rpartition(":")[0] if port is not None else parts.netloc
    if parts.scheme != "http" or host not in LOOPBACK or parts.fragment:
        return ""
    return f"http://{host}{parts.path}?{parts.query}"


def fault(uri: str, *, loopback: bool = True) -> str:
    """What is wrong with an address somebody wants to register; empty when nothing is.

    HTTPS; HTTP on this very machine only; or a name of its own that an app on a phone has (``vn.gov.example.app:/…``).
    """
    try:
        parts = urlsplit(uri)
        _port = parts.port
    except ValueError:
        return _("Địa chỉ không đọc được.")
    if parts.fragment or "#" in uri:
        return _("Địa chỉ không được có phần sau dấu #.")
    if any(sign in uri for sign in "* \\\t\r\n") or not uri.isascii():
        return _("Địa chỉ không được có dấu *, dấu cách hay chữ có dấu.")
    if parts.username or parts.password:
        return _("Địa chỉ không được chứa tên và mật khẩu.")
    if parts.scheme == "https":
        return "" if parts.hostname else _("Địa chỉ thiếu tên máy chủ.")
    if parts.scheme == "http":
        host = parts.netloc.rpartition(":")[0] if _port is not None else parts.netloc
        return (
            "" if loopback and host in LOOPBACK else _("Phải dùng https (http chỉ cho 127.0.0.1 của máy người dùng).")
        )
    if "." in parts.scheme and not parts.netloc:
        return ""
    return _("Phải là địa chỉ https, hoặc tên riêng của ứng dụng dạng vn.ten.ung-dung:/…")
