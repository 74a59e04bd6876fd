"""HTTP Message Signatures against the examples that RFC 9421 publishes (2.4, appendix B)."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given
from hypothesis import strategies as st

from hienluong.services.mediation import signatures as sig
from hienluong.services.mediation.signatures import BadSignature, Component, Key, Message

RSA = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----"""
P256 = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
-----END PUBLIC KEY-----"""
ED25519 = "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="
ED25519_PRIVATE = "n4Ni+HpISpVObnQMW0wOhCKROaIKqKtW/2ZYb2p9KcU="
SHARED = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="

_ed = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(ED25519))
KEYS = {
    "test-key-rsa-pss": Key("test-key-rsa-pss", load_pem_public_key(RSA.encode()), ("rsa-pss-sha512",)),
    "test-key-ecc-p256": Key("test-key-ecc-p256", load_pem_public_key(P256.encode()), ("ecdsa-p256-sha256",)),
    "test-key-ed25519": Key("test-key-ed25519", _ed, ("ed25519",)),
    "test-shared-secret": Key("test-shared-secret", base64.b64decode(SHARED), ("hmac-sha256",)),
}
DIGEST = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"
REQUEST = Message(
    [
        ("Host", "example.com"),
        ("Date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("Content-Type", "application/json"),
        ("Content-Digest", DIGEST),
        ("Content-Length", "18"),
    ],
    method="POST",
    authority="example.com",
    path="/foo",
    query="param=Value&Pet=dog",
)
ANSWER = Message(
    [
        ("Date", "Tue, 20 Apr 2021 02:07:56 GMT"),
        ("Content-Type", "application/json"),
        (
            "Content-Digest",
            "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:",
        ),
        ("Content-Length", "23"),
    ],
    status=200,
)
BUSY = Message(
    [
        ("Content-Type", "application/json"),
        (
            "Content-Digest",
            "sha-512=:0Y6iCBzGg5rZtoXS95Ijz03mslf6KAMCloESHObfwnHJDbkkWWQz6PhhU9kxsTbARtY2PTBOzq24uJFpHsMuAg==:",
        ),
    ],
    status=503,
    request=REQUEST,
)
TRANSFORMED = Message(
    [("Accept", "application/json"), ("Accept", "*/*")],
    method="GET",
    authority="example.org",
    path="/demo",
    query="name1=Value1",
)

#: Appendix and message, Signature-Input, Signature.
PUBLISHED = {
    "B.2.1": (
        REQUEST,
        'sig-b21=();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"',
        "sig-b21=:d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG"
        "52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELj"
        "VKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==:",
    ),
    "B.2.2": (
        REQUEST,
        'sig-b22=("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss"'
        ';tag="header-example"',
        "sig-b22=:LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT"
        "8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsI"
        "k4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==:",
    ),
    "B.2.3": (
        REQUEST,
        'sig-b23=("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length")'
        ';created=1618884473;keyid="test-key-rsa-pss"',
        "sig-b23=:bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fU"
        "xN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfr"
        "s65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==:",
    ),
    "B.2.4": (
        ANSWER,
        'sig-b24=("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"',
        "sig-b24=:wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==:",
    ),
    "B.2.5": (
        REQUEST,
        'sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"',
        "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:",
    ),
    "B.2.6": (
        REQUEST,
        'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473'
        ';keyid="test-key-ed25519"',
        "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
    ),
    "B.4": (
        TRANSFORMED,
        'transform=("@method" "@path" "@authority" "accept");created=1618884473;keyid="test-key-ed25519"',
        "transform=:ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==:",
    ),
    "2.4": (
        BUSY,
        'reqres=("@status" "content-digest" "content-type" "@authority";req "@method";req "@path";req "content-digest";req)'
        ';created=1618884479;keyid="test-key-ecc-p256"',
        "reqres=:dMT/A/76ehrdBTD/2Xx8QuKV6FoyzEP/I9hdzKN8LQJLNgzU4W767HK05rx1i8meNQQgQPgQp8wq2ive3tV5Ag==:",
    ),
}


def carrying(message: Message, described: str, value: str) -> Message:
    return replace(message, headers=[*message.headers, ("Signature-Input", described), ("Signature", value)])


@pytest.mark.parametrize("where", PUBLISHED)
def test_the_published_signatures_are_good(where: str) -> None:
    message, described, value = PUBLISHED[where]

    signed = sig.verify(carrying(message, described, value), KEYS)

    assert described == f"{signed.label}={signed.parameters}"


@pytest.mark.parametrize("where", PUBLISHED)
def test_a_published_signature_is_bad_for_another_message(where: str) -> None:
    message, described, value = PUBLISHED[where]
    bad = described.replace("161888447", "161888448")  # the one that covers nothing but its parameters, too

    with pytest.raises(BadSignature, match="wrong"):
        sig.verify(carrying(message, bad, value), KEYS)


@pytest.mark.parametrize(
    "other",
    [{"method": "PUT"}, {"path": "/foo/"}, {"authority": "example.org"}, {"query": "param=Value&Pet=cat"}],
    ids=str,
)
def test_what_is_covered_may_not_change(other: dict[str, str]) -> None:
    message, described, value = PUBLISHED["B.2.3"]

    with pytest.raises(BadSignature, match="wrong"):
        sig.verify(carrying(replace(message, **other), described, value), KEYS)


@pytest.mark.parametrize(("where", "private"), [("B.2.5", base64.b64decode(SHARED)), ("B.2.6", None)])
def test_the_published_signatures_that_are_always_the_same_are_made_alike(where: str, private: bytes | None) -> None:
    message, described, value = PUBLISHED[where]
    label, _, written = described.partition("=")
    names = [name.strip('"') for name in written[1 : written.index(")")].split(" ")]
    components: list[Component] = [(name, {}) for name in names]
    if private is None:
        material = ed25519.Ed25519PrivateKey.from_private_bytes(base64.b64decode(ED25519_PRIVATE))
        key = Key("test-key-ed25519", material, ("ed25519",))
    else:
        key = Key("test-shared-secret", private, ("hmac-sha256",))

    made = sig.sign(message, components, {"created": 1618884473, "keyid": key.keyid}, key, label)

    assert made == [("signature-input", described), ("signature", value)]


def test_the_published_digest_is_that_of_the_published_body() -> None:
    assert sig.content_digest(b'{"hello": "world"}', "sha-512") == DIGEST
    sig.check_digest(DIGEST, b'{"hello": "world"}')
    for wrong in (b'{"hello": "World"}', b""):
        with pytest.raises(BadSignature):
            sig.check_digest(DIGEST, wrong)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "md5=:1B2M2Y8AsgTpgAmy7PhCfg==:",
        "sha-256=abc",
        "sha-256=::",
        f"{DIGEST}, sha-256=:AAAA:",
        f"{DIGEST}, {DIGEST}",
    ],
)
def test_a_digest_that_says_nothing_or_two_things_is_refused(value: str) -> None:
    with pytest.raises(BadSignature):
        sig.check_digest(value, b'{"hello": "world"}')


@pytest.mark.parametrize(
    "described",
    [
        'x=("@path" "@path");created=1;keyid="test-key-ed25519"',  # said twice
        'x=("content-type";sf);created=1;keyid="test-key-ed25519"',  # not implemented: not taken for something else
        'x=("@unknown");created=1;keyid="test-key-ed25519"',
        'x=("not-there");created=1;keyid="test-key-ed25519"',
        'x=("Date");created=1;keyid="test-key-ed25519"',
        'x=("@status");created=1;keyid="test-key-ed25519"',  # of answers only
        'x=("@path");keyid="test-key-ed25519"',  # made when?
        'x=("@path");created="1";keyid="test-key-ed25519"',
        'x=("@path");created=1;keyid="test-key-ed25519";alg="hmac-sha256"',  # another algorithm than the key's
        'x=("@path");created=1;keyid="somebody"',
        "x",
        "",
        "x=(",
    ],
)
def test_what_is_not_understood_is_refused(described: str) -> None:
    with pytest.raises(BadSignature):
        sig.verify(carrying(REQUEST, described, "x=:AAAA:"), KEYS)


def test_one_key_for_two_algorithms_does_not_confuse_them() -> None:
    """The classic attack: the public key taken as the secret of an HMAC."""
    forged = Key("test-key-ed25519", base64.b64decode(ED25519), ("hmac-sha256",))
    parameters = {"created": 1618884473, "keyid": "test-key-ed25519", "alg": "hmac-sha256"}
    (_, described), (_, value) = sig.sign(REQUEST, [("@path", {})], parameters, forged, "x")

    with pytest.raises(BadSignature, match="wrong"):
        sig.verify(carrying(REQUEST, described, value), KEYS)


@given(
    secret=st.text(max_size=20),
    path=st.from_regex(r"/[a-z0-9/%.]{0,20}", fullmatch=True),
    query=st.none() | st.from_regex(r"[a-z0-9=&%]{0,20}", fullmatch=True),
    value=st.from_regex(r"[ -~]{0,30}", fullmatch=True),
    spoilt=st.sampled_from(["", "path", "query", "field", "method"]),
)
def test_what_is_signed_is_good_and_nothing_else_is(
    secret: str, path: str, query: str | None, value: str, spoilt: str
) -> None:
    private, jwk = sig.own_key(secret)
    message = Message([("x-agreement", value)], method="GET", authority="h", path=path, query=query)
    components: list[Component] = [("@method", {}), ("@path", {}), ("@query", {}), ("x-agreement", {})]
    fields = sig.sign(message, components, {"created": 5, "nonce": "n", "keyid": private.keyid}, private, "lgsp")
    change = {
        "": {},
        "path": {"path": path + "x"},
        "query": {"query": (query or "") + "x"},
        "field": {"headers": [("x-agreement", value.strip() + "x")]},
        "method": {"method": "POST"},
    }[spoilt]
    arrived = replace(message, **change)  # type: ignore[arg-type]
    arrived = replace(arrived, headers=[*arrived.headers, *fields])
    public = sig.key_from_jwk(jwk)

    if spoilt:
        with pytest.raises(BadSignature, match="wrong"):
            sig.verify(arrived, {public.keyid: public})
    else:
        assert sig.verify(arrived, {public.keyid: public}).nonce == "n"


def test_a_key_is_named_by_what_it_is() -> None:
    """The example of RFC 8037, A.3."""
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}

    assert sig.thumbprint(jwk) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "oct", "k": "AAAA"},
        {"kty": "OKP", "crv": "X25519", "x": "AAAA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"},
        {"kty": "RSA", "e": "AQAB", "n": "sXch"},
        {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"},
    ],
)
def test_weak_and_unknown_keys_are_refused(jwk: dict[str, str]) -> None:
    with pytest.raises((ValueError, KeyError)):
        sig.key_from_jwk({"kid": "k", **jwk})
