"""Where webhooks may be: public addresses by https, and what the installation allows besides.

A name is looked up when it is called, each time, and the connection goes to the address that was looked at: a name that
first means somebody outside and then a machine of ours leads nowhere.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: The IPv6 addresses that are given to somebody (RFC 4291, IANA). Outside lie those that carry one of IPv4 to somewhere else
#: (NAT64, ``::127.0.0.1``, ``::ffff:0:127.0.0.1``) and those of a site (``fec0::/10``), which Python calls global.
_GIVEN = ipaddress.ip_network("2000::/3")
#: Examples (RFC 9637), and the relay of 6to4 that is nowhere any more (RFC 7526).
_NOBODY = tuple(map(ipaddress.ip_network, ("3fff::/20", "192.88.99.0/24")))
MAX_URL = 300


def may_be_called(address: Address, *, named: bool = True) -> bool:
    """Whether we may connect there; `named`: also to the networks of ``HIENLUONG_WEBHOOK_NETWORKS``."""
    if named and any(address in network for network in settings.WEBHOOK_NETWORKS):
        return True
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if inner:
            return may_be_called(inner, named=named)
        if address not in _GIVEN:
            return False
    return address.is_global and not address.is_multicast and not any(address in network for network in _NOBODY)


def fault(url: str) -> str:
    """What is wrong with the address of a webhook as far as can be seen without calling it; empty when nothing is."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return _("Địa chỉ không đọc được.")
    if (
        len(url) > MAX_URL
        or not url.isascii()
        or any(sign in url for sign in " \\\t\r\n\x00#")
        or not url.isprintable()
    ):
        return _("Địa chỉ không được có dấu cách, dấu #, dấu \\ hay chữ có dấu.")
    if parts.username is not None or parts.password is not None:
        return _("Địa chỉ không được chứa tên và mật khẩu.")
    if parts.scheme not in ("https", "http") or not host or port == 0:
        return _("Phải là địa chỉ https.")
    address = literal(host)
    if address is not None and not may_be_called(address):
        return _("Địa chỉ này thuộc mạng nội bộ, không được gọi.")
    if parts.scheme == "http" and not (address is not None and not may_be_called(address, named=False)):
        return _("Phải là địa chỉ https.")
    if address is None and (
        "." not in host.strip(".") or host.rstrip(".").endswith((".local", ".internal", ".localhost"))
    ):
        return _("Địa chỉ này thuộc mạng nội bộ, không được gọi.")
    return ""


def literal(host: str) -> Address | None:
    """The address that a host is by itself, in any way that machines read one (``127.1``, ``0x7f000001``, ``127.0.0.1.``)."""
    host = host.rstrip(".")
    try:
        return ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def first_allowed(found: Iterable[str], *, secure: bool) -> str | None:
    """The first of these addresses to which we may connect; not `secure`: only in the networks that are named."""
    for text in found:
        address = ipaddress.ip_address(text.split("%")[0])
        if may_be_called(address) and (secure or not may_be_called(address, named=False)):
            return text
    return None
