"""Whose request it is when a proxy stands before us: limits, the audit log and cookies need the true answer.

Only a proxy named in ``HIENLUONG_TRUSTED_PROXIES`` is believed. The list of addresses is read from its end, where our
own proxy wrote, to the first address that is not one of our proxies: what a client put there itself comes before that
and is never reached.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_SAID = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_REAL_IP")
#: What a proxy that verifies certificates of clients tells of one; believed only where ``CLIENT_CERTIFICATES`` says that
#: the proxy writes it itself, for one that knows nothing of it hands on what the client wrote.
_CERTIFICATE = ("HTTP_X_CLIENT_CERTIFICATE_SUBJECT", "HTTP_X_CLIENT_CERTIFICATE")
#: One ``name=value`` of RFC 7239; a quoted value may hold commas and semicolons.
_PAIR = re.compile(r'\s*([a-zA-Z]+)=("(?:[^"\\]|\\.)*"|[^;,\s]*)\s*')


class ClientAddressMiddleware:
    """Set ``REMOTE_ADDR`` to the client's address; take away what a stranger says of himself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        peer = _address(str(request.META.get("REMOTE_ADDR", "")))
        if not settings.CLIENT_CERTIFICATES:
            for header in _CERTIFICATE:
                request.META.pop(header, None)
        if peer is None or not _trusted(peer):
            for header in (*_SAID, *_CERTIFICATE):
                request.META.pop(header, None)
            return self.get_response(request)
        if settings.PROXY_HEADER == "forwarded":
            hops = _hops(str(request.META.get("HTTP_FORWARDED", "")))
            request.META["HTTP_X_FORWARDED_PROTO"] = hops[-1].get("proto", "") if hops else ""
            chain = [hop.get("for", "") for hop in hops]
        else:
            chain = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        request.META["REMOTE_ADDR"] = str(_client(peer, chain))
        return self.get_response(request)


def _client(peer: Address, chain: Sequence[str]) -> Address:
    """The first address, from the end of the chain, that is not a proxy of ours; an odd one ends the walk."""
    found = peer
    for text in reversed(chain):
        address = _address(text)
        if address is None:
            return found
        found = address
        if not _trusted(found):
            return found
    return found


def _trusted(address: Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


def _hops(header: str) -> list[dict[str, str]]:
    """The elements of a ``Forwarded`` header; one that cannot be read is empty."""
    hops: list[dict[str, str]] = [{}]
    at = 0
    while at < len(header):
        pair = _PAIR.match(header, at)
        if pair:
            hops[-1][pair[1].lower()] = pair[2].strip('"')
            at = pair.end()
        if at < len(header):
            if header[at] == ",":
                hops.append({})
            elif header[at] != ";":
                hops[-1] = {"for": "unknown"}
            at += 1
    return hops


def _address(text: str) -> Address | None:
    """An address, with or without a port; None for anything else (``unknown``, ``_hidden``)."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].split("]")[0]
    elif text.count(":") == 1:
        text = text.split(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found
