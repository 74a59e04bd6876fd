// A gateway that lets only the province's access tokens through, and asks nobody about them: the public keys are enough.
// ISSUER=https://dichvucong.tinh.example node gateway.mjs keys.json TOKEN SCOPE
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";

export function verified(token, keys, issuer, scope) {
  const [head, body, signature] = token.split(".");
  const header = JSON.parse(Buffer.from(head, "base64url"));
  const jwk = keys.keys.find((key) => key.kid === header.kid);
  if (!jwk) throw new Error("signed by a key that is not known");
  if (header.alg !== "RS256") throw new Error("another algorithm"); // never what the token itself says
  const key = createPublicKey({ key: jwk, format: "jwk" });
  if (!verify("sha256", Buffer.from(`${head}.${body}`), key, Buffer.from(signature, "base64url")))
    throw new Error("a wrong signature");
  const claims = JSON.parse(Buffer.from(body, "base64url"));
  if (claims.iss !== issuer) throw new Error("another issuer");
  if (![claims.aud].flat().includes(issuer)) throw new Error("for another API");
  if (!(claims.exp > Date.now() / 1000)) throw new Error("expired");
  if (claims.token_use !== "access") throw new Error("no access token");
  if (!(claims.scope ?? "").split(" ").includes(scope)) throw new Error("without the scope");
  return claims;
}

const [, , file, token, scope] = process.argv;
try {
  const claims = verified(token, JSON.parse(readFileSync(file)), process.env.ISSUER, scope);
  console.log("200", claims.client_id, claims.sub ?? "-");
} catch (refused) {
  console.error(`401 ${refused.message}`);
  process.exitCode = 1;
}
