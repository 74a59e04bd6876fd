"""What was typed when the session had ended: kept while the person signs in, then put back into its page.

Kept only for a browser that was signed in here within the last days (a signed mark says as whom), and given back
only to that account: a stranger cannot fill the database, and nobody finds what another person typed on a shared
machine. Files are not kept; their names are, so that the page can say which to choose again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from .limits import too_many

#: The mark of a browser that was signed in: as whom, and when.
MARK = "hl_known"
SESSION_KEY = "kept-form"
#: For how long the mark is believed, in seconds.
GOOD_FOR = 3 * 24 * 3600
#: A mark older than this, in seconds, is renewed.
RENEWED = 3600
#: Most characters kept of one form. A value that does not fit any more is left out whole, never cut.
MOST = 200_000
#: How often one account may have a form kept, in an hour.
TIMES = 30
_SALT = "hienluong.identity.kept"

#: For views that take posts only: URL name → the URL name of the page their form stands on, and its parts.
Pages = Mapping[str, tuple[str, tuple[str, ...]]]


Answer = TypeVar("Answer", bound=HttpResponseBase)


@dataclass(frozen=True)
class Kept:
    """One form as it was sent: where to, what, the files to choose again, whether a part was too long to keep."""

    path: str
    data: QueryDict
    files: tuple[str, ...] = ()
    too_long: bool = False

    @property
    def words(self) -> str:
        """What to tell the person on the page that shows it again."""
        said = [_("Phiên làm việc đã hết trước khi gửi. Nội dung bạn gõ vẫn còn ở đây: hãy xem lại rồi gửi.")]
        if self.files:
            said.append(_("Tệp không giữ được, hãy chọn lại: %(names)s.") % {"names": ", ".join(self.files)})
        if self.too_long:
            said.append(_("Có phần quá dài không giữ được; ô nào trống xin gõ lại."))
        return " ".join(said)


def sign_in_first(request: HttpRequest, pages: Pages | None = None) -> HttpResponse:
    """Send a stranger to the sign-in page; what a known browser was sending is kept meanwhile.

    The way back leads to the page the form stands on: for a view that takes posts only, the one `pages` names.
    """
    back = _way_back(request, pages or {})
    if request.method == "POST":
        _keep(request, back)
    return redirect_to_login(back)


def take(request: HttpRequest, *, shown: bool = True) -> Kept | None:
    """What was typed into this page before the session ended, once, for the person who typed it; a message says so.

    `shown`: whether the page shows it again; if not, the message says that it was not done.
    """
    kept = request.session.get(SESSION_KEY)
    if not kept or request.method != "GET" or kept.get("page") != request.path:
        return None
    del request.session[SESSION_KEY]
    if kept.get("account") != request.user.pk:
        return None
    found = Kept(kept["path"], QueryDict(kept["data"]), tuple(kept["files"]), bool(kept["too_long"]))
    messages.warning(request, found.words if shown else _("Phiên làm việc đã hết trước khi gửi. Hãy làm lại việc đó."))
    return found


def remember(request: HttpRequest, response: Answer) -> Answer:
    """Mark the browser of a signed-in person, so that what it sends after the session ended is kept."""
    account = request.user.pk if request.user.is_authenticated else None
    if account is not None and _marked(request, RENEWED) != account:
        response.set_cookie(
            MARK,
            signing.TimestampSigner(salt=_SALT).sign(str(account)),
            max_age=GOOD_FOR,
            httponly=True,
            samesite="Lax",
            secure=bool(settings.SESSION_COOKIE_SECURE),
        )
    return response


def forget(response: HttpResponse) -> None:
    """Take the mark away: the person signed out."""
    response.delete_cookie(MARK, samesite="Lax")


def _marked(request: HttpRequest, seconds: int) -> int | None:
    try:
        value = signing.TimestampSigner(salt=_SALT).unsign(request.COOKIES.get(MARK, ""), max_age=seconds)
    except signing.BadSignature:
        return None
    return int(value) if value.isascii() and value.isdigit() else None


def _way_back(request: HttpRequest, pages: Pages) -> str:
    match = request.resolver_match
    if match is None or match.view_name not in pages:
        return request.get_full_path()
    page, parts = pages[match.view_name]
    return reverse(page, kwargs={name: match.kwargs[name] for name in parts})


def _keep(request: HttpRequest, back: str) -> None:
    account = _marked(request, GOOD_FOR)
    if account is None or too_many("kept-form", str(account), limit=TIMES, seconds=3600):
        return
    data, left, too_long = QueryDict(mutable=True), MOST, False
    for name, values in request.POST.lists():
        size = len(name) + sum(map(len, values))
        if name == "csrfmiddlewaretoken":
            continue
        if size > left:
            too_long = True
            continue
        left -= size
        data.setlist(name, values)
    request.session[SESSION_KEY] = {
        "account": account,
        "page": back.split("?")[0],
        "path": request.path,
        "data": data.urlencode(),
        "files": [str(file.name)[:150] for _name, files in request.FILES.lists() for file in files][:40],
        "too_long": too_long,
    }
    messages.info(request, _("Phiên làm việc đã hết. Hãy đăng nhập lại: nội dung bạn vừa gõ được giữ."))
