"""A gateway that lets only the province's access tokens through, and asks nobody about them: the public keys are enough.

    ISSUER=https://dichvucong.tinh.example python gateway.py keys.json TOKEN SCOPE

`keys.json` is what stands at `jwks_uri`; a real gateway fetches it once an hour, and when a token names a key that it does
not know.
"""

import json
import os
import sys

import jwt


def verified(token: str, keys: dict, issuer: str, scope: str) -> dict:
    """The claims of a good token. jwt.PyJWTError for one that is not signed by a key of these, expired, of another issuer,
    for another API, no access token, or without the scope."""
    named = jwt.get_unverified_header(token).get("kid")
    key = next((key for key in jwt.PyJWKSet.from_dict(keys).keys if key.key_id == named), None)
    if key is None:
        raise jwt.InvalidKeyError("signed by a key that is not known")
    claims = jwt.decode(
        token,
        key.key,
        algorithms=["RS256"],  # never what the token itself says
        issuer=issuer,
        audience=issuer,
        options={"require": ["exp", "iat", "client_id"]},
    )
    if claims.get("token_use") != "access":
        raise jwt.InvalidTokenError("no access token")
    if scope not in claims.get("scope", "").split():
        raise jwt.InvalidTokenError("without the scope")
    return claims


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        known = json.load(file)
    try:
        told = verified(sys.argv[2], known, os.environ["ISSUER"], sys.argv[3])
    except jwt.PyJWTError as refused:
        raise SystemExit(f"401 {refused}") from None
    print("200", told["client_id"], told.get("sub", "-"))
