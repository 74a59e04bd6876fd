"""The table of docs/engineers/conformance.md names every module of the plans, and tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
TABLE = HERE.parents[2] / "docs/engineers/conformance.md"
#: The modules by the last part of their names, as the plans of openid-certification/conformance-suite list them.
PLANS = {
    "Basic OP": """
        server response-type-missing idtoken-signature idtoken-unsigned userinfo-get userinfo-post-header
        userinfo-post-body ensure-request-without-nonce-succeeds-for-code-flow scope-profile scope-email scope-address
        scope-phone scope-all alternate-happy-flow display-page display-popup prompt-login prompt-none-not-logged-in
        prompt-none-logged-in max-age-1 max-age-10000 ensure-request-with-unknown-parameter-succeeds id-token-hint
        login-hint ui-locales claims-locales ensure-request-with-acr-values-succeeds codereuse codereuse-30seconds
        ensure-registered-redirect-uri ensure-post-request-succeeds server-client-secret-post
        request-uri-unsigned-supported-correctly-or-rejected-as-unsupported
        unsigned-request-object-supported-correctly-or-rejected-as-unsupported claims-essential
        ensure-request-object-with-redirect-uri refresh-token ensure-request-with-valid-pkce-succeeds
    """,
    "RP-Initiated OP": """
        rp-initiated-logout-discovery-endpoint-verification rp-initiated-logout
        rp-initiated-logout-bad-post-logout-redirect-uri rp-initiated-logout-modified-id-token-hint
        rp-initiated-logout-no-id-token-hint rp-initiated-logout-no-params
        rp-initiated-logout-no-post-logout-redirect-uri rp-initiated-logout-no-state rp-initiated-logout-only-state
        rp-initiated-logout-query-added-to-post-logout-redirect-uri rp-initiated-logout-bad-id-token-hint
    """,
    "Back-Channel OP": """
        backchannel-logout-discovery-endpoint-verification backchannel-rp-initiated-logout
    """,
}


def test_the_table_is_complete_and_its_tests_exist() -> None:
    sections = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", TABLE.read_text(), re.MULTILINE | re.DOTALL))
    assert set(sections) == set(PLANS)
    named: dict[str, str] = {}
    for plan, modules in PLANS.items():
        rows = re.findall(r"^\| `(oidcc-[\w-]+)` \| `(\w+\.py)` \| .+ \|$", sections[plan], re.MULTILINE)
        assert [name for name, _file in rows] == [f"oidcc-{each}" for each in modules.split()], plan
        named |= {f"test_{name.replace('-', '_')}": file for name, file in rows}
    written = {
        name: path.name
        for path in HERE.glob("test_conformance_*.py")
        for name in re.findall(r"^def (test_oidcc_\w+)\(", path.read_text(), re.MULTILINE)
    }
    assert written == named
