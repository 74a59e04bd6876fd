"""Every page of the demonstration, as each of its people meets it: reached by links, clean for axe, whole on a phone.

The pages are found, not listed: from the first page of each account every link is followed until each URL name of the
product was seen once. A page that no link reaches must stand in :data:`NOT_BY_LINK`, so none is forgotten.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import Browser, BrowserContext, Error, Page

from hienluong.house.demo.accounts import ACCOUNTS
from tests.browser import DESKTOP, PHONE, assert_axe_clean, assert_no_sideways_scroll
from tests.house.running import Installation
from tests.lighthouse import scores
from tests.screens import signed_in
from tests.thorough import THOROUGH

# One installation with the demo serves them all. `make test` follows the same links without a browser (test_demo.py).
pytestmark = [pytest.mark.house, pytest.mark.browser, pytest.mark.long]

#: Where each account begins; those that it may not open lead nowhere.
STARTS = ("/", "/lam-viec/", "/dieu-hanh", "/quan-tri")

#: Names without a page that a link leads to: doors for machines, files, acts that only take a POST …
_NO_PAGES = """
assignments:act documents:incoming_act documents:unshare documents:mail_raw documents:mail_retry
eid:back eid:enter eid:link
assessments:act assessments:answer assessments:choose assessments:choose_one assessments:data assessments:photo
assessments:photo_part assessments:session assessments:worker assessments:take_forms assessments:begin_on_phone building:download building:redo building:undo
codelists:download corrections:withdraw
files:preview identity:language identity:sign_out identity:theme national:arrive national:retry adapters:retry agentnode:try_out exchange:retry exchange:hold exchange:read_again exchange:let_in exchange:turn_away exchange:raw exchange:update exchange:table exchange:retry_all exchange:give_up notifications:read organisations:ground packs:give_up
payments:checkout payments:fetch payments:returned payments:state portal:carry_over portal:discard portal:represented
procedures:confirm_import records:change_many records:change_view records:resume_import records:save_view records:stop_import records:undo_import signing:certificate signing:crl signing:document_file signing:document_page signing:ocsp signing:ocsp_get signing:tsa workplace:act workplace:bulk
mandates:act_for mandates:claim
account_login metrics signin:end_other_sessions signin:end_session signin:passkey signin:passkey_options
sso:authorize sso:configuration sso:device sso:introspect sso:jwks sso:logout sso:push sso:remove_engineer sso:revoke sso:token sso:userinfo sso:withdraw
provisioning:invited provisioning:resume_sheet provisioning:set_up provisioning:sheet_faults provisioning:start_sheet
provisioning:stop_sheet provisioning:template provisioning:undo_sheet
scim:configuration scim:group scim:groups scim:resource_type scim:resource_types scim:schema scim:schemas
scim:search_groups scim:search_users scim:user scim:users scim:all scim:bulk scim:me scim:search scim:unknown
powers:export powers:give_back powers:open
workplace:change_view workplace:control_sheet workplace:digitise workplace:discard_counter_draft workplace:draft
workplace:draft_page workplace:keep_counter_draft workplace:paper workplace:save_view workplace:take_cash
"""
#: … and pages with browser tests of their own, which need a state or a power that no demo account has on the first
#: pages looked at, or that are for designers only.
_ELSEWHERE = """
documents:take_in documents:incoming_book documents:incoming_figures documents:mail_settle
breaches:assess breaches:authority breaches:close breaches:concerned breaches:measure breaches:paper breaches:persons
breaches:public breaches:reported breaches:show consents:decide consents:one privacy:take_back privacy:take_export
eid:confirm eid:offer_passkey eid:unlink
building:about building:begin_procedure building:codelist building:compare building:effect building:new_codelist
building:field building:field_trial building:form building:history building:install building:manifest
building:new_file building:new_register building:page building:paper building:procedure building:procedure_item
building:process building:register building:register_about building:register_access building:register_certificate
building:register_lists building:register_rules building:register_trial building:register_version building:restore
building:result building:rule building:show building:source building:take building:trial corrections:show
portal:choose_record portal:contest records:certificate records:duplicates
codelists:add codelists:bring codelists:close codelists:correct codelists:table
identity:reactivate identity:revoke identity:revoke_delegation organisations:contacts organisations:create
organisations:move organisations:rename organisations:succeed packs:bring_back packs:distrust packs:offer payments:refunded portal:filed portal:supplement
procedures:publish procedures:replace procedures:resume procedures:suspend lookups:ask records:compare records:export
records:upload records:shared records:import sharing:show lookups:answer streams:show streams:replay
bus:add_version bus:agreement bus:ask bus:change bus:describe bus:serve bus:step bus:version bus:portal_version bus:openapi bus:try_out bus:report bus:proof bus:translate
agentnode:drop_offer agentnode:drop_passage agentnode:end_subsystem
flows:add_version flows:permit flows:publish flows:retire flows:run flows:show flows:try flows:write
records:map_import transparency:page ui:gallery
merging:code merging:confirm merging:undo mandates:answer mandates:withdraw recovery:codes recovery:decide recovery:set recovery:stop
mfa_authenticate signin:confirm signin:recovery_codes signin:remove signin:rename_passkey
signin:disown_browser signin:new_browser signin:reset
sso:add_engineer sso:change_system sso:device_code sso:device_confirm sso:disable sso:enable sso:engineer sso:engineer_keys
sso:engineer_secret sso:engineer_system sso:new_secret sso:system
provisioning:departure provisioning:directory provisioning:invite provisioning:sheet
powers:campaign powers:emergency powers:lift powers:report powers:rules powers:suspensions powers:take
workfiles:add_document workfiles:add_file workfiles:carry_out workfiles:change workfiles:close workfiles:complete workfiles:contents
outgoing:act outgoing:batch outgoing:copy outgoing:draft_page outgoing:draft_pdf outgoing:drop outgoing:keep outgoing:letterhead
outgoing:preview outgoing:register outgoing:reserve outgoing:set_out outgoing:show outgoing:small outgoing:statistics outgoing:version
outgoing:void outgoing:write workfiles:destructions workfiles:plan workfiles:propose
workfiles:decide workfiles:destruction workfiles:file workfiles:handover workfiles:item workfiles:judge workfiles:members workfiles:receive
workfiles:place workfiles:reopen workfiles:withdraw
signing:confirm signing:document signing:enrol signing:enrol_own signing:progress signing:retire_key
signing:seal_picture signing:withdraw_anchor ui:gallery_home ui:gallery_print ui:gallery_staff workplace:file_draft workplace:opinion workplace:received
"""
NOT_BY_LINK = frozenset((_NO_PAGES + _ELSEWHERE).split())
#: Addresses that end a session or change what the next pages show.
_LEAVE_ALONE = ("/dang-xuat", "/ngon-ngu", "/giao-dien")
Looks = tuple[tuple[dict[str, int], Literal["light", "dark"]], ...]
#: Small and bright; in the long runs the first page of a name also large and dark.
LOOKS: Looks = ((PHONE, "light"), (DESKTOP, "dark")) if THOROUGH else ((PHONE, "light"),)
#: Pages of one name that are looked at: two, since an empty list and a full one differ; of the lists of registers more,
#: for the first ones need not hold a record to go on to; of food safety and assessments those of every account, for what they
#: list is of one agency.
MOST_OF_A_NAME = 2
MORE = {
    "records:records": 12,
    "registry:records": 12,
    "food_safety:home": 20,
    "assessments:list": 20,
    "documents:inbox": 60,
    "assignments:list": 60,
}


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The demo province with few dossiers, served as in production."""
    state = tmp_path_factory.mktemp("demo") / "state"
    few = {"HIENLUONG_DEMO_DOSSIERS": "150"}
    running = Installation(state, "--demo", patience=300, env=few, migrated=True).start()
    yield running
    running.stop()


@dataclass
class Crawl:
    """What was seen so far, over all accounts; `look` opens one page, the first of its name or not, and tells its links.

    It answers None when the page is not this account's, nothing when what is there is no page.
    """

    seen: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def walk(self, look: Callable[[str, bool], Iterable[str] | None], start: str) -> None:
        """Follow every link from `start`."""
        waiting, known = deque([start]), {start}
        while waiting:
            path = waiting.popleft()
            name = name_of(path)
            if name is None or path.startswith(_LEAVE_ALONE):
                continue
            if (
                self.seen.get(name, 0) >= MORE.get(name, MOST_OF_A_NAME) and path != start
            ):  # a first page shows each account its own menu
                continue
            links = look(path, not self.seen.get(name))
            if links is None:  # the tour leads to pages of other accounts
                continue
            self.seen[name] = self.seen.get(name, 0) + 1
            for link in links:
                if link not in known:
                    known.add(link)
                    waiting.append(link)

    def is_page(self, path: str, status: int, content: str) -> bool:
        """Whether a page was answered; notes a fault."""
        if status >= 400 and status != 403:
            self.faults.append(f"{path}: {status}")
        return status < 400 and "text/html" in content

    def assert_complete(self, *beside: str) -> None:
        """No fault, and no page of the product that no link leads to; `beside`: names that are not there for this look."""
        forgotten = {name for name in names() if not name.startswith("api:")}
        forgotten -= {name for name, times in self.seen.items() if times} | NOT_BY_LINK | set(beside)
        if forgotten:
            self.faults.append(f"no link leads to {sorted(forgotten)}: link it, or say in NOT_BY_LINK why not")
        assert not self.faults, "\n\n".join(self.faults)


@dataclass
class Looking:
    """Opens pages in a browser, in every way that is asked for, with axe."""

    crawl: Crawl
    page: Page
    base: str
    #: First pages seen, with the names they link to: shared by all accounts.
    menus: set[tuple[str, frozenset[str]]]

    def __call__(self, path: str, first: bool) -> list[str] | None:
        """Open one page and examine it; its links."""
        self.page.set_viewport_size(PHONE)
        self.page.emulate_media(color_scheme="light")
        try:
            answer = self.page.goto(self.base + path)
        except Error as error:
            if "Download is starting" in error.message:
                return []
            raise
        assert answer is not None
        if answer.status == 403:
            return None
        if not self.crawl.is_page(path, answer.status, answer.headers.get("content-type", "")):
            return []
        links = local_links(self.page.eval_on_selector_all("a[href]", _ABSOLUTE), self.base)
        menu = (path, frozenset(name for link in links if (name := name_of(link))))
        if menu in self.menus:  # the same first page as of somebody else
            return links
        self.menus.add(menu)
        for size, scheme in LOOKS if first else LOOKS[:1]:
            self.page.set_viewport_size(size)
            self.page.emulate_media(color_scheme=scheme)
            try:
                assert_axe_clean(self.page)
                assert_no_sideways_scroll(self.page)
            except AssertionError as fault:
                self.crawl.faults.append(f"{path} ({size['width']} px, {scheme}): {fault}")
        return links


#: Links of drawings hold their address otherwise than links of text.
_ABSOLUTE = "links => links.map(link => new URL(link.getAttribute('href'), document.baseURI).href)"


def local_links(found: Iterable[str], base: str) -> list[str]:
    """Of these addresses those on the server at `base`, as paths."""
    parts = [urlsplit(link) for link in found if link.startswith(base)]
    return [part.path + (f"?{part.query}" if part.query else "") for part in parts]


def name_of(path: str) -> str | None:
    """The URL name behind a path, None when there is none (static files, the API)."""
    try:
        return resolve(urlsplit(path).path).view_name or None
    except Resolver404:
        return None


def names(resolver: URLResolver | None = None, spaces: tuple[str, ...] = ()) -> Iterator[str]:
    """Every URL name of the product."""
    for entry in (resolver or get_resolver("hienluong.house.urls")).url_patterns:
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from names(entry, inner)
        elif isinstance(entry, URLPattern) and entry.name:
            yield ":".join((*spaces, entry.name))


def test_every_page_is_clean_for_axe_on_a_phone_and_in_the_dark_on_a_desk(
    province: Installation, browser: Browser
) -> None:
    crawl, menus = Crawl(), set[tuple[str, frozenset[str]]]()

    def walk(context: BrowserContext, start: str) -> None:
        page = context.new_page()
        page.on("pageerror", lambda error: crawl.faults.append(f"{page.url}: {error}"))
        crawl.walk(Looking(crawl, page, province.url, menus), start)
        page.close()

    stranger = browser.new_context(locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh")
    stranger.set_default_timeout(30_000)
    walk(stranger, "/")
    stranger.close()
    for account in ACCOUNTS:
        context = signed_in(browser, province.url, account.username)
        for start in STARTS:
            if context.request.get(province.url + start).status == 200:
                walk(context, start)
        context.close()
    crawl.assert_complete()


@pytest.mark.parametrize("page", ["home", "service", "form"])
def test_lighthouse_finds_the_main_pages_accessible_and_fast_on_a_phone(
    province: Installation, browser: Browser, page: str
) -> None:
    cookies = ""
    path = {"home": "/", "service": "/dich-vu/1.001193"}.get(page, "")
    if page == "form":
        context = signed_in(browser, province.url, "nguyenthilanh")
        path = _first_form_page(context, province.url)
        cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in context.cookies())
        context.close()
    measured = scores(province.url + path, cookies=cookies)
    assert measured["accessibility"] == 100
    assert measured["performance"] >= 90


def _first_form_page(context: BrowserContext, base: str) -> str:
    """A page of the form that the demo citizen has begun."""
    page = context.new_page()
    page.goto(f"{base}/ho-so")
    return str(page.locator('main a[href^="/nop/"]').first.get_attribute("href"))
