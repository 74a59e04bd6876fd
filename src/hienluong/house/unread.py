"""What the web left unread of a request is read before its answer goes out.

A page that refuses a form without looking at it (the session is over, the page is not this person's) would be answered
while the rest of the form is still on its way. The connection is then closed with bytes in it that nobody took; TCP tells
the sender so by a reset, which throws away the answer where it has not been read yet: a browser shows a lost connection, the
gateway before the web says 503, and the person never learns why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

#: Bytes that are read at once.
_PORTION = 64 * 1024

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def read_to_the_end(application: Application, most: int) -> Application:
    """The same WSGI application, which takes requests of up to `most` bytes in whole; larger ones end as they did.

    Who asks beforehand whether to send at all (``Expect: 100-continue``, RFC 9110, 10.1.1) is not told to.
    """

    def whole(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = application(environ, start_response)
        if "HTTP_EXPECT" not in environ:
            left = most
            while left > 0 and (part := environ["wsgi.input"].read(_PORTION)):
                left -= len(part)
        return answer

    return whole
