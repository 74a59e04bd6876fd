"""Anything at all after the question mark, in the path, or in the body of a JSON door: an answer, never a fault.

The list of URL names is held against the URL maps: a new URL without a line here fails.
"""

from __future__ import annotations

import json
import os
import time
import unicodedata
import uuid
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse

from hienluong.capabilities.payments.models import Notice
from hienluong.capabilities.payments.notices import signature
from hienluong.foundation.actions import Actor
from hienluong.foundation.codelists import shipped
from hienluong.foundation.codelists.actions import install
from hienluong.foundation.identity.actions import grant_role
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.powers import reviewing
from hienluong.foundation.powers.models import Campaign
from hienluong.foundation.sso import engineers
from hienluong.services.documents.actions import drafting
from hienluong.services.documents.actions.arrivals import arrive
from hienluong.services.documents.models import Document
from hienluong.services.workfiles import actions as work_files
from tests.factories import TESTER, actor_for_role, make_account
from tests.foundation.files import samples
from tests.services.test_wrong_user import Town, browser_of, print_receipt, town  # noqa: F401  (a fixture)
from tests.thorough import some

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SCRIPT = "<script>alert('xin chào')</script>"
#: What people, keyboards and attackers put where a text, a number or a day is asked for; as sent, in bytes.
BAD: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b"   ",
    "long": ("Đường làng dài " * 400).encode(),
    "script": SCRIPT.encode(),
    "sql": b"'; DROP TABLE dossiers_dossier; --",
    "emoji": "🏠👨‍👩‍👧 nhà".encode(),
    "decomposed": unicodedata.normalize("NFD", "Nguyễn Thị Hường").encode(),
    "nul": b"Nguy\x00n",
    "half a surrogate": b"\xed\xa0\x80",
    "not utf-8": b"\xff\xfe\xc0\x80",
    "turned around": "\u202eabc\u2066".encode(),
    "header": b"x\r\nSet-Cookie: a=b",
    "below nothing": b"-1",
    "a number of 5,000 digits": b"9" * 5000,
    "a number that begins well": b"2026" + b"9" * 30,
    "noughts first": b"000000001" + b"9" * 5000,
    "a year that begins well": b"02026999",
    "digits of another script": "٢٠٢٦".encode(),
    "no number": b"NaN",
    "no such day": b"2026-02-30",
    "no such day, written here": b"31/02/2026",
    "the first day": b"0001-01-01",
    "the last day": b"9999-12-31",
    "a template": b"{{ settings.SECRET_KEY }}{% debug %}",
    "a path": b"../../../../etc/passwd",
}
KINDS = tuple(BAD)
#: Pages of one request for a signature, one key, one seal.
OF_SIGNERS = ("document", "document_file", "document_page", "retire_key", "seal_picture")
#: Pages of one work file, one hand-over, one destruction list.
OF_WORK_FILES = ("file", "change", "contents", "add_file", "members", "close", "reopen")
OF_HANDOVERS = ("handover", "receive", "withdraw", "complete")
OF_DESTRUCTIONS = ("destruction", "decide", "carry_out")
#: The names of what each page reads from its address.
ASKED: dict[str, tuple[str, ...]] = {
    "portal:services": ("q", "su-kien", "linh-vuc", "muc-do", "doi-tuong", "page"),
    "portal:mine": ("page",),
    "portal:papers": ("page",),
    "portal:track": ("ma",),
    "portal:draft_page": ("sau",),
    "workplace:inbox": ("q", "state", "channel", "due", "mine", "page", "thu-tu", "tat-ca"),
    "workplace:search": ("q", "state", "channel", "due", "mine", "page", "thu-tu"),
    "workplace:to_return": ("page", "thu-tu"),
    "workplace:register": ("tu", "den", "dang", "quyen", "page", "thu-tu"),
    "workplace:dossier": ("giay", "trang", "viec"),
    "workplace:opinion": ("giay", "trang"),
    "workplace:file": ("q",),
    "records:records": (
        "q",
        "giay",
        "loc-deep",
        "diem",
        "cach",
        "ngay",
        "thu-tu",
        "cot",
        "danh-sach",
        "sau",
        "pham-vi",
        "tat-ca",
    ),
    "records:map": ("q", "loc-deep", "diem", "cach", "ngay", "pham-vi", "danh-sach", "khung"),
    "records:export": ("q", "loc-deep", "ngay", "thu-tu", "cot", "danh-sach", "sau", "pham-vi"),
    "lookups:mine": ("cua", "page"),
    "lookups:questions": ("page",),
    "breaches:register": ("trang-thai", "page"),
    "outgoing:tray": ("q", "type", "urgency", "page"),
    "outgoing:issued": ("q", "type", "urgency", "page"),
    "outgoing:internal": ("q", "type", "urgency", "page"),
    "outgoing:begin": ("tra-loi", "thay-the", "dinh-chinh", "lien-quan"),
    "outgoing:show": ("trang",),
    "outgoing:version": ("voi",),
    "outgoing:write": ("ban-luu",),
    "outgoing:register": ("co-quan", "so", "dang", "quyen", "page"),
    "outgoing:reserve": ("co-quan",),
    "outgoing:statistics": ("co-quan", "nam"),
    "signing:waiting": ("page",),
    "workfiles:files": ("trang-thai", "q", "page"),
    "workfiles:planned": ("nam", "page"),
    "workfiles:new": ("danh-muc",),
    "workfiles:add_document": ("q",),
    "workfiles:handovers": ("page",),
    "workfiles:destructions": ("page",),
    "corrections:mine": ("page",),
    "corrections:list": ("page",),
    "sharing:list": ("trang-thai", "page"),
    "streams:list": ("trang-thai", "page"),
    "streams:undelivered": ("dang-ky", "page"),
    "flows:show": ("phien-ban", "trang-thai", "page"),
    "bus:services": ("q", "owner", "state", "page"),
    "bus:agreements": ("trang-thai", "page"),
    "agentnode:show": ("page",),
    "bus:watch": ("ky",),
    "bus:reports": ("page",),
    "bus:report": ("dang",),
    "bus:try_out": ("thao-tac",),
    "bus:proofs": ("ma", "tu", "den", "thoathuan", "thaotac", "page"),
    "bus:portal": ("q", "page"),
    "bus:portal_service": ("thao-tac",),
    "bus:portal_version": ("thao-tac",),
    "assessments:list": ("trang-thai", "tim", "page"),
    "assignments:list": ("muc", "q", "state", "due", "part", "don-vi", "dang", "page"),
    "assignments:show": ("viec",),
    "documents:inbox": ("muc", "q", "state", "urgency", "source", "tu", "den", "late", "page"),
    "documents:search": ("q", "direction", "tu", "den", "page"),
    "documents:take_in": ("tay",),
    "documents:incoming_book": ("tu", "den", "dang", "quyen", "page"),
    "documents:incoming_figures": ("tu", "den"),
    "documents:mailbox": ("page",),
    "documents:incoming": ("tep", "trang", "viec"),
    "assessments:begin": ("bieu", "csdl", "ma"),
    "assessments:photo_part": ("tu",),
    "records:record": ("ngay", "truoc"),
    "registry:records": ("q",),
    "records:duplicates": ("kia",),
    "records:compare": ("a-ngay", "a-biet", "b-ngay", "b-biet"),
    "oversight:dashboard": ("tu", "den", "linh-vuc", "khu-vuc", "dang"),
    "oversight:behind": ("tu", "den", "linh-vuc", "khu-vuc", "loai", "co-quan", "can-bo", "tuoi", "page"),
    "oversight:public": ("tu", "den", "linh-vuc", "khu-vuc", "dang"),
    "payments:pay": ("k",),
    "payments:state": ("k",),
    "payments:receipt": ("k",),
    "payments:checkout": ("k",),
    "payments:returned": ("k", "so", "ket-qua", "luc", "ky"),
    "payments:reconcile": ("ngay", "page"),
    "national:queue": ("loai", "page"),
    "adapters:show": ("page",),
    "exchange:queue": ("loai", "tim", "page"),
    "exchange:table": ("loai", "tim"),
    "exchange:sent": ("page",),
    "payments:differences": ("loai", "trang-thai", "dang", "page"),
    "payments:accounts": ("page",),
    "signing:verify": ("ma",),
    "identity:sign_in": ("next",),
    "identity:audit": ("doi_tuong", "ai", "tu", "tu_day", "tu_month", "tu_year", "den", "truoc", "sau"),
    "identity:explain": ("ai", "quyen", "o_dau", "ngay", "ngay_day", "ngay_month", "ngay_year"),
    "organisations:tree": ("ngay", "ngay_day", "ngay_month", "ngay_year", "q"),
    "organisations:show": ("ngay", "ngay_day", "ngay_month", "ngay_year"),
    "organisations:create": ("cha",),
    "organisations:succeed": ("cu",),
    "identity:officials": ("q", "page"),
    "identity:accounts": ("q", "page"),
    "identity:new_official": ("co-quan",),
    "calendars:overview": ("nam",),
    "codelists:show": ("an-ban", "ngay", "ngay_day", "ngay_month", "ngay_year", "q", "ma", "page"),
    "codelists:add": ("an-ban", "cha"),
    "codelists:download": ("an-ban",),
    "calendars:try_out": ("ngay", "ngay_year", "gio", "so", "don_vi", "co_quan", "sau_15h"),
    "notifications:index": ("page",),
    "failures:show": ("su_kien", "tin", "viec_nen"),
    "procedures:list": (
        *("q", "linh_vuc", "trang_thai", "muc", "cap", "doi_tuong", "su_kien", "day_du", "thu"),
        "page",
    ),
    "procedures:export": ("q", "linh_vuc", "trang_thai", "thu", "dang"),
    "procedures:show": ("truoc", "sau"),
    "packs:export": ("lan",),
    "building:register": ("truong",),
    "building:codelist": ("page",),
    "building:field_trial": ("truong",),
    "building:history": ("page",),
    "building:compare": ("truoc", "sau"),
    "building:form": ("trang",),
    "building:page": ("trang",),
    "building:take": ("trang", "register"),
    "building:effect": ("register",),
    "food_safety:plan": ("quy",),
    "food_safety:trace": ("lo",),
    "files:content": ("tai",),
    "files:preview": ("trang",),
    "transparency:page": (),
    "signin:confirm": ("next",),
    "signin:add_passkey": ("next",),
    "eid:enter": ("next",),
    "eid:back": ("state", "code", "error", "error_description", "iss"),
    "eid:offer_passkey": ("next",),
    "recovery:enter": ("ma",),
    "recovery:list": ("page",),
    "sso:authorize": (
        *("client_id", "response_type", "redirect_uri", "scope", "state", "nonce", "prompt", "max_age", "acr_values"),
        *("claims", "id_token_hint", "login_hint", "request_uri", "ui_locales", "display"),
        *("code_challenge", "code_challenge_method", "response_mode", "resource"),
    ),
    "sso:logout": ("id_token_hint", "client_id", "post_logout_redirect_uri", "state"),
    "sso:userinfo": ("access_token",),
    "sso:device_code": ("ma",),
    "sso:systems": ("page",),
    "sso:engineer": ("page",),
    "provisioning:sheet": ("xem", "page"),
    "provisioning:departures": ("page",),
    "powers:campaigns": ("page",),
    "powers:campaign": ("xem", "page"),
    "powers:suspensions": ("page",),
    "powers:emergencies": ("page",),
}
#: Pages that read nothing from their address: they are asked all the same, with a word that means nothing to them.
NOTHING_ASKED = {
    *("portal:home", "portal:tour", "portal:service", "portal:start", "portal:place", "portal:draft_papers"),
    *("portal:whom", "portal:represented", "portal:carry_over", "portal:resume"),
    *("portal:check", "portal:discard", "portal:dossier", "portal:filed", "portal:supplement", "portal:withdraw"),
    *("portal:issued_paper", "surveys:rate"),
    *("workplace:bulk", "workplace:save_view", "workplace:file_procedure", "workplace:correct"),
    *("workplace:received", "workplace:paper", "workplace:control_sheet", "workplace:draft", "workplace:digitise"),
    *("workplace:keep_counter_draft", "workplace:file_draft", "workplace:discard_counter_draft"),
    *("workplace:draft_page", "workplace:change_view"),
    *("workplace:take_cash", "workplace:act"),
    *("registry:registers", "registry:record"),
    *(
        "records:registers",
        "records:create",
        "records:change",
        "records:end",
        "records:certificate",
        "records:upload",
        "records:import",
    ),
    *("breaches:report", "breaches:reported", "breaches:show", "breaches:assess", "breaches:measure", "breaches:paper"),
    *("breaches:authority", "breaches:concerned", "breaches:persons", "breaches:public", "breaches:close"),
    *(
        f"workfiles:{name}"
        for name in (*OF_WORK_FILES, *OF_HANDOVERS, *OF_DESTRUCTIONS, "plan", "propose", "judge", "item", "place")
    ),
    "workfiles:hand_over",
    *("outgoing:home", "outgoing:batch", "outgoing:void", "outgoing:letterhead", "outgoing:keep", "outgoing:drop"),
    *("outgoing:preview", "outgoing:set_out", "outgoing:draft_pdf", "outgoing:draft_page", "outgoing:act"),
    *("outgoing:small", "outgoing:copy"),
    *("consents:mine", "consents:one", "consents:decide"),
    *("privacy:own", "privacy:ask_export", "privacy:take_export", "privacy:close", "privacy:take_back"),
    *("bus:declare", "bus:agreement", "bus:service", "bus:change", "bus:add_version", "bus:version", "bus:describe"),
    *("bus:serve", "bus:ask", "bus:step", "bus:openapi", "bus:proof", "bus:alerts", "bus:translate"),
    *("flows:list", "flows:declare", "flows:run", "flows:add_version", "flows:write", "flows:publish", "flows:retire"),
    *("flows:try", "flows:permit"),
    *("records:shared", "sharing:ask", "sharing:show", "lookups:ask", "lookups:answer"),
    *("streams:ask", "streams:show", "streams:replay", "streams:types", "streams:type"),
    *("portal:choose_record", "portal:contest", "corrections:withdraw", "corrections:show"),
    *("assessments:offline", "assessments:worker", "assessments:session", "assessments:show", "assessments:do"),
    *("assessments:take_forms", "assessments:begin_on_phone"),
    *("assessments:choose", "assessments:act", "assessments:data", "assessments:answer", "assessments:choose_one"),
    "assessments:photo",
    *("assignments:give", "assignments:board", "assignments:act", "documents:incoming_act", "documents:unshare"),
    *("documents:mail_retry", "documents:mail_settle", "documents:mail_raw"),
    *("records:save_view", "records:change_view", "records:change_many"),
    *("records:map_import", "records:stop_import", "records:resume_import", "records:undo_import"),
    *("national:arrive", "national:retry", "adapters:retry", "adapters:list"),
    *("agentnode:try_out", "agentnode:add_subsystem", "agentnode:end_subsystem", "agentnode:add_passage"),
    *("agentnode:drop_passage", "agentnode:add_offer", "agentnode:drop_offer"),
    *("exchange:let_in", "exchange:turn_away"),
    *("exchange:retry", "exchange:hold", "exchange:read_again", "exchange:raw", "exchange:update"),
    *("exchange:retry_all", "exchange:give_up"),
    *(
        "payments:refund",
        "payments:refunded",
        "payments:fetch",
        "payments:difference",
        "signing:issued",
        *(
            f"signing:{name}"
            for name in (*OF_SIGNERS, "keys", "enrol_own", "picture", "enrol", "confirm", "all_keys", "progress")
        ),
        "signing:anchors",
        "signing:add_anchor",
        "signing:withdraw_anchor",
        "signing:ocsp",
        "signing:ocsp_get",
        "signing:tsa",
        "signing:crl",
        "signing:certificate",
    ),
    *("identity:sign_out", "identity:language", "identity:theme", "notifications:read"),
    *("organisations:rename", "organisations:move", "organisations:contacts", "organisations:ground"),
    *("identity:official", "identity:appoint", "identity:delegate_for", "identity:open_account", "identity:end_post"),
    *("identity:change_official", "identity:change_post"),
    *("identity:account", "identity:reset_password", "identity:deactivate", "identity:reactivate", "identity:grant"),
    *("identity:roles", "identity:revoke", "identity:change_password", "identity:delegations", "identity:delegate"),
    "identity:revoke_delegation",
    *("calendars:new_day", "calendars:remove_day", "calendars:new_week"),
    *("codelists:overview", "codelists:close", "codelists:correct", "codelists:bring", "codelists:table"),
    *("procedures:import", "procedures:confirm_import", "procedures:version", "procedures:publish"),
    *("procedures:suspend", "procedures:resume", "procedures:replace"),
    *("packs:list", "packs:upload", "packs:offer", "packs:give_up", "packs:show", "packs:uninstall"),
    "packs:bring_back",
    *("packs:signers", "packs:trust", "packs:distrust"),
    *("building:drafts", "building:begin", "building:bring", "building:copy", "building:show", "building:manifest"),
    *("building:install", "building:download", "building:undo", "building:redo", "building:restore"),
    *(
        "building:new_register",
        "building:new_codelist",
        "building:new_file",
        "building:source",
        "building:begin_procedure",
    ),
    *("building:register_about", "building:register_lists", "building:register_access", "building:register_rules"),
    *(
        "building:register_trial",
        "building:register_version",
        "building:register_certificate",
        "building:procedure",
        "building:about",
    ),
    *("building:trial", "building:process", "building:result", "building:paper", "building:procedure_item"),
    *("building:field", "building:rule", "food_safety:home", "food_safety:outbreak"),
    *("signin:passkey", "signin:passkey_options", "signin:security", "signin:rename_passkey", "signin:remove"),
    *("signin:codes_app", "signin:recovery_codes", "signin:end_session", "signin:end_other_sessions", "signin:reset"),
    *("signin:new_browser", "signin:disown_browser", "eid:confirm", "eid:link", "eid:unlink", "eid:providers"),
    *("recovery:ways", "recovery:ask", "recovery:codes", "recovery:stop", "recovery:set", "recovery:decide"),
    *("recovery:ask_for", "counter:home", "counter:register", "counter:recover", "counter:represent"),
    *("merging:home", "merging:code", "merging:confirm", "merging:undo", "merging:at_counter"),
    *("mandates:list", "mandates:claim", "mandates:act_for", "mandates:enterprise", "mandates:appoint"),
    *("mandates:answer", "mandates:withdraw"),
    *("sso:configuration", "sso:jwks", "sso:push", "sso:token", "sso:introspect", "sso:revoke", "sso:device"),
    *(
        "sso:device_confirm",
        "sso:new_system",
        "sso:system",
        "sso:change_system",
        "sso:new_secret",
        "sso:disable",
        "sso:enable",
    ),
    *("sso:add_engineer", "sso:remove_engineer", "sso:engineer_system", "sso:engineer_secret", "sso:engineer_keys"),
    *("sso:consents", "sso:withdraw"),
    *("provisioning:sheets", "provisioning:template", "provisioning:sheet_faults", "provisioning:start_sheet"),
    *("provisioning:stop_sheet", "provisioning:resume_sheet", "provisioning:undo_sheet", "provisioning:departure"),
    *("provisioning:invite", "provisioning:directory", "provisioning:set_up", "provisioning:invited"),
    *("powers:rules", "powers:open", "powers:report", "powers:export", "powers:lift", "powers:take"),
    *("powers:emergency", "powers:give_back"),
    *("ui:gallery", "ui:gallery_home", "ui:gallery_staff", "ui:gallery_print"),
}
APPS = (
    *(
        "portal",
        "workplace",
        "records",
        "assessments",
        "sharing",
        "streams",
        "lookups",
        "breaches",
        "workfiles",
        "outgoing",
        "documents",
        "assignments",
        "corrections",
        "registry",
        "surveys",
        "oversight",
        "procedures",
        "packs",
        "building",
        "food_safety",
        "payments",
        "signing",
        "national",
        "adapters",
        "agentnode",
        "exchange",
        "bus",
        "flows",
    ),
    *(
        "identity",
        "consents",
        "privacy",
        "organisations",
        "calendars",
        "codelists",
        "notifications",
        "files",
        "transparency",
        "ui",
        "failures",
    ),
    *("signin", "eid", "recovery", "counter", "merging", "mandates", "sso", "provisioning", "powers"),
)
STAFF = ("workplace", "oversight", "procedures", "payments", "calendars", "codelists", "organisations", "notifications")


OF_SHEETS = ("sheet_faults", "start_sheet", "stop_sheet", "resume_sheet", "undo_sheet")
#: Of one thing that is named by its number in the table.
BY_NUMBER = (
    *("signin:rename_passkey", "signin:remove", "signin:end_session", "signin:new_browser", "signin:disown_browser"),
    *("signin:reset", "eid:unlink", "recovery:decide", "recovery:ask_for", "merging:undo", "sso:withdraw"),
    *("mandates:enterprise", "mandates:appoint", "mandates:answer", "mandates:withdraw"),
    *("provisioning:departure", "provisioning:invite", "powers:lift", "powers:emergency", "powers:give_back"),
    *("exchange:let_in", "exchange:turn_away"),
    *("exchange:retry", "exchange:hold", "exchange:read_again", "exchange:raw", "exchange:update"),
    "exchange:give_up",
)


def a_campaign() -> Campaign:
    """The review of powers that is open."""
    return Campaign.objects.first() or reviewing.open_campaign(TESTER)


def a_work_file(t: Town) -> str:
    """The code of a work file that the records office of the province keeps."""
    clerk = actor_for_role("document_clerk", t.province.root)
    found = work_files.open_file(clerk, agency=t.province.root, title="Hồ sơ", notation="X", retention="05")
    return found.code


def a_letter(t: Town) -> uuid.UUID:
    """What came in for the records office of the province."""
    return arrive(TESTER, agency=t.province.root, source="exchange", source_ref="1", subject="Thử").uid


def a_draft(t: Town) -> Document:
    """A document that the records office of the province drafts."""
    found = Document.objects.filter(direction="outgoing").select_related("drafter").first()
    if found is None:
        clerk = actor_for_role("document_clerk", t.province.root)
        found = drafting.begin(clerk, agency=t.province.root, type="CV", subject="Thử")
    return found


def names_in_the_maps() -> set[str]:
    resolver = get_resolver()
    return {
        f"{app}:{name}"
        for app in APPS
        for name in resolver.namespace_dict[app][1].reverse_dict
        if isinstance(name, str)
    }


def addresses(t: Town) -> dict[str, str]:
    """One address for each URL name that has parts in it; the others stand for themselves."""
    code, draft, work_file, came = t.dossier.code, t.draft.pk, a_work_file(t), a_letter(t)
    found = {name: url[0][0] for name, url in t.urls().items() if url}
    parts: dict[str, dict[str, Any]] = {
        "portal:service": {"code": "8.000900"},
        "portal:start": {"code": "8.000900"},
        "portal:draft_page": {"draft_id": draft, "page_id": "ly-do"},
        "workplace:file_procedure": {"procedure": "8.000900"},
        "workplace:keep_counter_draft": {"procedure": "8.000900"},
        "workplace:act": {"code": code, "verb": "note"},
        "records:records": {"code": "thu.gieng"},
        "records:map": {"code": "thu.gieng"},
        "sharing:ask": {"code": "thu.gieng"},
        "streams:type": {"type": "organization.changed"},
        "bus:service": {"code": "thu-nghiem"},
        "bus:version": {"code": "thu-nghiem", "major": 1},
        "bus:ask": {"code": "thu-nghiem", "major": 1},
        "bus:portal_service": {"code": "thu-nghiem"},
        "bus:portal_version": {"code": "thu-nghiem", "major": 1},
        "bus:openapi": {"code": "thu-nghiem", "major": 1},
        "records:create": {"code": "thu.gieng"},
        "records:upload": {"code": "thu.gieng"},
        "registry:records": {"code": "thu.gieng"},
        "registry:record": {"code": "thu.gieng", "record": t.record.pk},
        "records:export": {"code": "thu.gieng"},
        "records:save_view": {"code": "thu.gieng"},
        "records:change_many": {"code": "thu.gieng"},
        "payments:difference": {"pk": 10**12},
        "signing:issued": {"token": "ABCDEFGH"},
        "signing:crl": {"name": "issuing"},
        "signing:ocsp": {"name": "issuing"},
        **{f"signing:{name}": {"request_id": uuid.uuid4()} for name in ("document", "document_file")},
        "signing:document_page": {"request_id": uuid.uuid4(), "number": 1},
        "signing:retire_key": {"number": 10**12},
        "signing:seal_picture": {"code": "H50"},
        "signing:ocsp_get": {"name": "issuing", "asked": "MEIwQA=="},
        "signing:withdraw_anchor": {"fingerprint": "ab" * 32},
        "signing:certificate": {"name": "root"},
        "organisations:show": {"code": "H50.31"},
        "organisations:rename": {"code": "H50.31"},
        "organisations:move": {"code": "H50.31"},
        "organisations:contacts": {"code": "H50.31"},
        "identity:official": {"code": "H50.31"},
        "identity:appoint": {"code": "H50.31"},
        "identity:change_official": {"code": "H50.31"},
        "identity:change_post": {"pk": 10**12},
        "identity:delegate_for": {"code": "H50.31"},
        "identity:open_account": {"code": "H50.31"},
        "identity:end_post": {"pk": 10**12},
        "identity:account": {"pk": 10**12},
        "consents:one": {"pk": 10**12},
        **{f"workfiles:{name}": {"code": work_file} for name in (*OF_WORK_FILES, "add_document")},
        **{f"workfiles:{name}": {"number": 10**12} for name in (*OF_HANDOVERS, *OF_DESTRUCTIONS)},
        **{
            f"outgoing:{name}": {"document": a_draft(t).pk}
            for name in ("show", "write", "keep", "drop", "preview", "set_out", "draft_pdf")
        },
        "documents:incoming": {"uid": came},
        "documents:incoming_act": {"uid": came, "verb": "dang-ky"},
        "documents:unshare": {"uid": came, "official": 10**12},
        "documents:mail_retry": {"pk": 10**12},
        "documents:mail_settle": {"pk": 10**12},
        "documents:mail_raw": {"pk": 10**12},
        "assignments:show": {"task": 10**12},
        "assignments:act": {"task": 10**12, "verb": "nhan"},
        "outgoing:tray": {"tray": "nhap"},
        "outgoing:copy": {"uid": uuid.uuid4()},
        "outgoing:batch": {"verb": "ky"},
        "outgoing:void": {"number": 10**12},
        "outgoing:letterhead": {"agency": t.province.root.pk},
        "outgoing:version": {"document": a_draft(t).pk, "number": 1},
        "outgoing:draft_page": {"document": a_draft(t).pk, "number": 1, "page": 1},
        "outgoing:act": {"document": a_draft(t).pk, "verb": "trinh"},
        "outgoing:small": {"document": a_draft(t).pk, "verb": "bo-tep", "pk": 10**12},
        "workfiles:place": {"uid": uuid.uuid4()},
        "workfiles:item": {"code": work_file, "item_id": 10**12},
        "workfiles:judge": {"number": 10**12, "code": work_file},
        "consents:decide": {"code": "notifications.email"},
        "privacy:take_export": {"pk": 10**12},
        "identity:reset_password": {"pk": 10**12},
        "identity:deactivate": {"pk": 10**12},
        "identity:reactivate": {"pk": 10**12},
        "identity:grant": {"pk": 10**12},
        "identity:revoke": {"pk": 10**12},
        "identity:revoke_delegation": {"pk": 10**12},
        "calendars:remove_day": {"pk": 10**12},
        "codelists:show": {"code": "legal-forms"},
        "codelists:add": {"code": "legal-forms"},
        "codelists:download": {"code": "legal-forms"},
        "codelists:bring": {"code": "legal-forms"},
        "codelists:table": {"code": "legal-forms"},
        "codelists:close": {"pk": 10**12},
        "codelists:correct": {"pk": 10**12},
        "procedures:confirm_import": {"batch_id": uuid.uuid4()},
        "procedures:show": {"code": "8.000900"},
        "procedures:version": {"code": "8.000900", "number": 1},
        "procedures:publish": {"code": "8.000900", "number": 10**12},
        "procedures:suspend": {"code": "8.000900"},
        "procedures:resume": {"code": "8.000900"},
        "procedures:replace": {"code": "8.000900"},
        **{f"eid:{name}": {"key": "vneid"} for name in ("enter", "back", "confirm", "link")},
        **{
            f"sso:{name}": {"pk": "he-thong"}
            for name in ("system", "change_system", "new_secret", "disable", "enable", "add_engineer")
        },
        **{f"sso:engineer_{name}": {"pk": "he-thong"} for name in ("system", "secret", "keys")},
        "sso:remove_engineer": {"pk": "he-thong", "account": 10**12},
        "provisioning:directory": {"pk": "he-thong"},
        "provisioning:invited": {"secret": "ABCDEFGH"},
        "recovery:stop": {"link": "ABCDEFGH"},
        **{f"provisioning:{name}": {"pk": uuid.uuid4()} for name in ("sheet", *OF_SHEETS)},
        **{f"powers:{name}": {"pk": a_campaign().pk} for name in ("campaign", "report", "export")},
        **{name: {"pk": 10**12} for name in BY_NUMBER},
    }
    for name in names_in_the_maps() - set(found) | set(parts):
        found[name] = reverse(name, kwargs=parts.get(name))
    return found


def _all_roles(root: Organization) -> Actor:
    """Whoever administers officials and accounts and also reads the log."""
    admin = actor_for_role("admin", root)
    account = Account.objects.get(pk=admin.account_id)
    grant_role(TESTER, account=account, role="auditor", organization=root, reason="Kiểm thử")
    return actor_of(account)


class Browsers(dict[str, Client]):
    """A browser for each product or page, signed in when it is first needed."""

    def __init__(self, people: dict[str, Callable[[], Actor]]) -> None:
        self._people = people

    def __missing__(self, name: str) -> Client:
        self[name] = browser_of(self._people[name]())
        self[name].raise_request_exception = False
        return self[name]

    def of(self, name: str) -> Client:
        """The browser of whoever uses the page of this URL name."""
        return self[name if name in self._people else name.split(":")[0]]


def an_engineer(t: Town) -> Actor:
    """Somebody who looks after a system that is connected."""
    account = make_account()
    engineers.add(TESTER, system=t.run.system, username=account.username)
    return actor_of(account)


def clients(t: Town) -> Browsers:
    """A browser for each product: who uses it. A code list is there to be looked at."""
    install(TESTER, loaded=shipped.load("legal-forms"))
    admin = cache(lambda: actor_for_role("admin", t.province.root))
    head = cache(lambda: actor_for_role("head", t.province.division))
    people: dict[str, Callable[[], Actor]] = {
        **dict.fromkeys(APPS, lambda: t.province.anonymous),
        **dict.fromkeys(
            ("portal", "surveys", "files", "lookups", "corrections", "notifications", "consents", "privacy"),
            lambda: t.province.citizen,
        ),
        **dict.fromkeys(
            ("signin", "merging", "mandates", "eid:offer_passkey", "sso:engineer"), lambda: t.province.citizen
        ),
        **dict.fromkeys(("sso:device_code", "sso:consents"), lambda: t.province.citizen),
        **dict.fromkeys(("sso:systems", "provisioning", "powers", "recovery:list"), admin),
        "powers:emergencies": cache(lambda: actor_for_role("duty", t.province.root)),
        "counter": lambda: t.province.clerk,
        "breaches": cache(lambda: actor_for_role("data_protection", t.province.root)),
        **dict.fromkeys(
            ("assignments", "signing:waiting"), cache(lambda: actor_for_role("leader", t.province.commune))
        ),
        "outgoing": lambda: actor_of(Account.objects.get(official=a_draft(t).drafter)),
        **dict.fromkeys(
            ("workfiles", "exchange:sent", "documents"),
            cache(lambda: actor_for_role("document_clerk", t.province.root)),
        ),
        **dict.fromkeys(("sharing", "streams", "bus", "organisations", "procedures", "calendars", "codelists"), admin),
        **dict.fromkeys(("payments", "national", "adapters", "agentnode", "exchange", "failures"), admin),
        **dict.fromkeys(("packs", "building"), admin),
        "bus:try_out": cache(lambda: an_engineer(t)),
        "bus:report": cache(lambda: actor_for_role("admin", Organization.objects.get(code="H50.99.10"))),
        "flows": cache(lambda: actor_for_role("admin", t.run.version.flow.owner)),
        "food_safety": lambda: t.province.officer,
        "workplace": lambda: t.province.clerk,
        "records": lambda: t.province.officer,
        "assessments": lambda: t.province.officer,
        "identity": lambda: _all_roles(t.province.root),
        "oversight": lambda: t.province.leader,
        **dict.fromkeys(("lookups:questions", "lookups:answer", "corrections:list", "corrections:show"), head),
        # An opinion is given at the agency that was asked for it, by its own people.
        "workplace:opinion": lambda: actor_for_role("officer", t.province.agency_two),
    }
    return Browsers(people)


def questions(name: str, place: int) -> Sequence[dict[str, str]]:
    """What each request asks of a page, the kind of each bad value by parameter.

    All parameters are bad at once, each in another way, and in as many requests as there are kinds each parameter has
    been bad in every way. A page that reads nothing is asked twice, `place` saying with which of the kinds.
    """
    parameters = ASKED.get(name)
    if not parameters:
        return [{"la": "nul"}, {"la": KINDS[place % len(KINDS)]}]
    return [
        {parameter: KINDS[(turn + at * 3) % len(KINDS)] for at, parameter in enumerate(parameters)}
        for turn in range(len(KINDS))
    ]


def told(answer: Any) -> str:
    """What the answer says, and whether that may be said to anybody."""
    body = b"" if answer.streaming else bytes(answer.content)
    text = body.decode("utf-8", "replace")
    assert answer.status_code < 500, text[:300]
    assert "Traceback (most recent call last)" not in text
    if answer.get("Content-Type", "").startswith("text/html"):
        assert SCRIPT not in text
        assert settings.SECRET_KEY not in text
    return text


def test_every_address_is_on_one_of_the_lists() -> None:
    assert names_in_the_maps() - set(ASKED) - NOTHING_ASKED == set()
    assert (set(ASKED) | NOTHING_ASKED) - names_in_the_maps() == set()
    assert set(ASKED) & NOTHING_ASKED == set()


@pytest.mark.parametrize("app", APPS)
def test_the_pages_that_read_their_address_open(town: Town, app: str) -> None:  # noqa: F811
    """So that what follows tries the pages, not the doors before them."""
    browsers = clients(town)
    print_receipt(town.charge)
    key = f"?k={town.charge.access}"
    needs = dict.fromkeys(("payments:pay", "payments:state", "payments:checkout", "payments:returned"), key)
    needs["payments:receipt"] = key
    # Who is signed in need not sign in; no gateway is connected here.
    expected = {"identity:sign_in": 302, "registry:records": 404, "payments:checkout": 404, "payments:returned": 302}
    expected |= dict.fromkeys(("assessments:photo_part", "building:field_trial"), 405)  # take what is sent only
    # Signing in again comes first; no provider of identities is connected; a sheet is for who brought it in.
    expected |= {"signin:add_passkey": 302, "eid:enter": 404, "eid:back": 404, "provisioning:sheet": 404}
    expected |= {"sso:authorize": 400, "sso:userinfo": 401}  # who asks for nothing, and proves nothing
    expected["assignments:show"] = 404  # there is no task
    expected |= dict.fromkeys(("food_safety:plan", "food_safety:trace"), 404)  # that pack is not installed here
    for name, url in addresses(town).items():
        if name.startswith(f"{app}:") and name in ASKED:
            answer = browsers.of(name).get(url + needs.get(name, ""))
            assert answer.status_code == expected.get(name, 200), name


@pytest.mark.thorough
@pytest.mark.parametrize("app", APPS)
def test_anything_after_the_question_mark_is_answered(town: Town, app: str) -> None:  # noqa: F811
    browsers = clients(town)
    wrong = []
    for place, (name, url) in enumerate(sorted(addresses(town).items())):
        if not name.startswith(f"{app}:"):
            continue
        for asked in some(questions(name, place), 4, place):
            query = "&".join(f"{parameter}={quote(BAD[kind])}" for parameter, kind in asked.items())
            answer = browsers.of(name).get(f"{url}?{query}")
            try:
                told(answer)
            except AssertionError as fault:
                wrong.append(f"{name} {asked}: {answer.status_code} {str(fault)[:200]}")
    assert wrong == []


def test_every_parameter_is_bad_in_every_way() -> None:
    for name, parameters in ASKED.items():
        tried = {pair for asked in questions(name, 0) for pair in asked.items()}
        assert tried >= {(parameter, kind) for parameter in parameters for kind in KINDS}, name
    assert {asked["la"] for place in range(len(KINDS)) for asked in questions("portal:home", place)} == set(KINDS)


def test_anything_in_the_place_of_a_code_is_answered(town: Town) -> None:  # noqa: F811
    """A code in the path: what is not there says so (404), or that it is not for this person.

    Each address is tried with a NUL, which the database refuses, and two other kinds; all of them together with all.
    """
    browsers = clients(town)
    wrong = []
    # What is blank or has a stroke in it makes another address, or none.
    kinds = [kind for kind, value in BAD.items() if value.strip() and b"/" not in value and kind != "nul"]
    tried = set()
    known = (
        town.dossier.code,
        town.charge.reference,
        "8.000900",
        "H50.31",
        "ABCDEFGH",
        "legal-forms",
        "thu.xuong",
        "ND-2026-01",
    )
    found = [(name, url, code) for name, url in sorted(addresses(town).items()) for code in known if code in url]
    for place, (name, url, code) in enumerate(found):
        for kind in ("nul", kinds[2 * place % len(kinds)], kinds[(2 * place + 1) % len(kinds)]):
            tried.add(kind)
            bad, browser = url.replace(code, quote(BAD[kind], safe="")), browsers.of(name)
            for answer in (browser.get(bad), browser.post(bad)):
                if answer.status_code not in (302, 400, 403, 404, 405, 409, 422):
                    wrong.append(f"{name} {kind}: {answer.status_code}")
    assert wrong == []
    assert tried == {"nul", *kinds}


# The doors that speak JSON

JSON = "application/json"
PROBLEM = "application/problem+json"


def kind_of(answer: Any) -> str:
    """The media type of an answer, without its parameters."""
    return str(answer["Content-Type"]).split(";")[0]


#: The doors of the transparency log and what they read.
LOG = {"head": ("la",), "proof": ("hash", "size"), "consistency": ("first", "second"), "entries": ("start", "end")}


@pytest.mark.parametrize("door", LOG)
def test_the_doors_of_the_log_refuse_with_a_problem_document(door: str) -> None:
    client = Client(raise_request_exception=False)
    for parameter in LOG[door]:
        for kind, value in BAD.items():
            answer = client.get(f"/api/v1/transparency/{door}?{parameter}={quote(value)}")
            told(answer)
            assert answer.status_code in (200, 400, 422), (parameter, kind)
            assert kind_of(answer) == (JSON if answer.status_code == 200 else PROBLEM)
            answer.json()
    refused = {"proof": "?hash=zz", "consistency": "?first=-1", "entries": "?start=x"}.get(door)
    if refused:
        assert client.get(f"/api/v1/transparency/{door}{refused}").status_code == 422


def test_a_large_pdf_is_verified_and_a_larger_one_refused(settings: Any) -> None:
    client = Client(raise_request_exception=False)
    url = "/api/v1/verify"
    scan = samples.pdf()
    scan.Root["/Scan"] = scan.make_stream(os.urandom(6 * 1024 * 1024))
    large = samples.saved(scan)
    assert len(large) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    answer = client.post(url, data=large, content_type="application/pdf")
    assert (answer.status_code, answer.json()["verdict"]) == (200, "unsigned")
    settings.MAX_UPLOAD_BYTES = 1024 * 1024
    refused = client.post(url, data=large, content_type="application/pdf")
    assert (refused.status_code, kind_of(refused)) == (413, PROBLEM)
    assert "quá lớn" in refused.json()["title"]
    settings.MAX_BODY_BYTES = 2 * 1024 * 1024
    stopped = client.post(url, data=large, content_type="application/pdf")
    assert (stopped.status_code, kind_of(stopped)) == (413, PROBLEM)


def test_the_verifying_door_answers_anything_with_json() -> None:
    client = Client(raise_request_exception=False)
    url = "/api/v1/verify"
    bodies = [*BAD.values(), b"%PDF-1.7", b"%PDF-1.7\n" + b"<<" * 5000, b"[" * 100_000, samples.png(), samples.docx()]
    bodies += [samples.plain_pdf()[:-40], samples.plain_pdf()[100:], samples.archive(a=b"0" * 9_000_000)]
    for body in bodies:
        answer = client.post(url, data=body, content_type="application/pdf")
        told(answer)
        assert (answer.status_code, kind_of(answer)) == (200, JSON)
        seems = b"%PDF" in body or body.startswith(b"<")  # a PDF, or XML: it may be one without a signature
        assert answer.json()["verdict"] == "unreadable" or seems, body[:40]
    assert client.post(url, {"tep": "x"}).json()["verdict"] == "unreadable"


NOTICE = "/api/v1/payments/notices/bank"


def told_by_the_bank(body: bytes, *, client: Client, **headers: str) -> Any:
    at, nonce = str(int(time.time())), uuid.uuid4().hex
    right = {
        "X-Time": at,
        "X-Nonce": nonce,
        "X-Signature": signature(settings.PAYMENT_SECRETS["bank"], at, nonce, body),
    }
    return client.post(NOTICE, data=body, content_type="application/json", headers={**right, **headers})


def test_a_signed_notice_that_says_nothing_is_refused_and_kept(town: Town) -> None:  # noqa: F811
    client = Client(raise_request_exception=False)
    good = {
        "transaction": "FT1",
        "amount": 15_000,
        "content": town.charge.reference,
        "paid_at": "2026-11-23T08:00:00+07:00",
    }
    bodies = [*BAD.values(), b"[" * 19_000, b"{}", b"[]", b"null", b'"x"', b'{"amount": NaN}']
    for name in good:
        for value in [[], {}, None, "\ud800", "x" * 5000, -1, 10**400, 1e308, "0001-01-01T00:00:00"]:
            bodies.append(json.dumps({**good, "transaction": f"FT{len(bodies)}", name: value}).encode())
    before = Notice.objects.count()
    for body in bodies:
        if len(body) > 20_000:
            continue
        answer = told_by_the_bank(body, client=client)
        told(answer)
        assert answer.status_code in (200, 400), body[:200]
        assert answer.json()["status"] in ("refused", "suspense", "repeated", "applied"), body[:200]
        assert (answer.status_code == 400) == (answer.json()["status"] == "refused")
    assert Notice.objects.count() == before + len([body for body in bodies if len(body) <= 20_000])


@pytest.mark.parametrize("header", ["X-Time", "X-Nonce", "X-Signature"])
def test_a_notice_with_a_strange_header_is_refused(town: Town, header: str) -> None:  # noqa: F811
    client = Client(raise_request_exception=False)
    for value in ["", "é", "²", "-1", "9" * 5000, "\udc80", "x" * 10_000]:
        answer = told_by_the_bank(b'{"a": "\x00"}', client=client, **{header: value})
        assert (answer.status_code, answer.json()["status"]) == (401, "refused"), value[:20]


def test_a_notice_that_is_too_long_is_refused() -> None:
    client = Client(raise_request_exception=False)
    for size in (30_000, settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1):
        answer = told_by_the_bank(b"x" * size, client=client)
        assert answer.status_code in (400, 404)
        assert kind_of(answer) in (JSON, PROBLEM)


def test_the_catalogue_door_answers_anything_with_json(town: Town) -> None:  # noqa: F811
    client = Client(raise_request_exception=False)
    for kind, value in BAD.items():
        for url in (
            "/api/v1/procedures?q=",
            "/api/v1/procedures?on=",
            "/api/v1/procedures?limit=",
            "/api/v1/procedures/",
        ):
            answer = client.get(url + quote(value, safe=""))
            told(answer)
            assert answer.status_code in (200, 301, 404, 422), (url, kind, answer.status_code)


def test_the_timestamp_authority_refuses_what_is_no_query() -> None:
    client = Client(raise_request_exception=False)
    for body in [*BAD.values(), b"\x30\x80", b"\x30\x84\xff\xff\xff\xff"]:
        answer = client.post("/tsa", data=body, content_type="application/timestamp-query")
        assert answer.status_code in (400, 415), body[:20]
