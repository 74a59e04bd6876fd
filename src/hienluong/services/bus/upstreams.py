"""Where a service may be served: the gateway goes to no address that its owner could use to look into our own network.

A name of a server needs https, and the gateway checks its certificate: so a name that is later led to a machine of ours
(DNS rebinding) fails at the handshake, and no name needs to be looked up here. An address in figures must be a public one,
or lie in a network that the operator named (``HIENLUONG_BUS_UPSTREAMS``); only there http is spoken.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

#: Characters of an address; a port of its own is fine, a name and password, a query or a fragment are not.
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)*/?")
_NAME = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
#: Names that lead nowhere outside (RFC 6761, RFC 6762, RFC 9476, and what networks use by habit).
_INSIDE = (
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "arpa",
    "test",
    "invalid",
    "onion",
    "alt",
)
MOST = 300
#: The IPv6 addresses that are given to somebody (RFC 4291, IANA): others lead to IPv4 or to the site itself.
_GIVEN = ipaddress.ip_network("2000::/3")
#: Examples (RFC 9637), and the relay of 6to4 that is nowhere any more (RFC 7526).
_NOBODY = tuple(map(ipaddress.ip_network, ("3fff::/20", "192.88.99.0/24")))


def fault(address: str) -> str:
    """What is wrong with the address of a provider; empty when nothing is."""
    if len(address) > MOST or not address.isascii() or any(sign <= " " or sign in "\\\x7f" for sign in address):
        return _("Địa chỉ không được có dấu cách, chữ có dấu hay quá 300 ký tự.")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return _("Địa chỉ không đọc được.")
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        return _("Địa chỉ phải bắt đầu bằng https:// và có tên máy chủ.")
    if "@" in parts.netloc or "?" in address or "#" in address:
        return _("Địa chỉ không được chứa tên, mật khẩu, dấu ? hay dấu #.")
    steps = parts.path.split("/")
    if not _PATH.fullmatch(parts.path) or "." in steps or ".." in steps:
        return _("Phần sau tên máy chủ của địa chỉ không dùng được.")
    return _host_fault(parts.hostname, parts.scheme)


def _host_fault(host: str, scheme: str) -> str:
    try:
        place = ipaddress.ip_address(host)
    except ValueError:
        return _name_fault(host, scheme)
    if isinstance(place, ipaddress.IPv6Address) and (place.ipv4_mapped or place.sixtofour or place.teredo):
        return _("Hãy ghi địa chỉ IPv4 dưới dạng thường.")
    if any(place in network for network in settings.BUS_UPSTREAMS):
        return ""
    given = place.version == 4 or place in _GIVEN
    if not (given and place.is_global) or place.is_multicast or any(place in network for network in _NOBODY):
        return _("Cổng kết nối không đi tới địa chỉ nội bộ này. Người vận hành phải cho phép trước.")
    return "" if scheme == "https" else _("Ngoài mạng nội bộ đã cho phép, địa chỉ phải bắt đầu bằng https://.")


def _name_fault(host: str, scheme: str) -> str:
    # What is no address in figures here, but is for others (127.1, 0x7f.1, 2130706433), ends in no letters.
    if not _NAME.fullmatch(host) or host.rsplit(".", 1)[-1] in _INSIDE:
        return _("Tên máy chủ phải là tên đầy đủ, ví dụ dulieu.quangtri.gov.vn.")
    return "" if scheme == "https" else _("Địa chỉ có tên máy chủ phải bắt đầu bằng https://.")
