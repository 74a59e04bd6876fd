// A system of an agency, written with npm's openid-client: PKCE, pushed requests, private_key_jwt.
// node openid_client.mjs PORT ISSUER CLIENT_ID PRIVATE_KEY_AS_JWK
import { createServer } from "node:http";
import * as client from "openid-client";

const [port, issuer, id, jwk] = process.argv.slice(2);
const here = `http://127.0.0.1:${port}`;
const key = await crypto.subtle.importKey("jwk", JSON.parse(jwk), { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
const config = await client.discovery(new URL(issuer), id, undefined, client.PrivateKeyJwt(key), {
  execute: [client.allowInsecureRequests],
});
const session = {};

const pages = {
  async "/vao"() {
    session.verifier = client.randomPKCECodeVerifier();
    session.state = client.randomState();
    session.nonce = client.randomNonce();
    return client.buildAuthorizationUrlWithPAR(config, {
      redirect_uri: `${here}/ve`,
      scope: "openid profile email offline_access",
      code_challenge: await client.calculatePKCECodeChallenge(session.verifier),
      code_challenge_method: "S256",
      state: session.state,
      nonce: session.nonce,
      max_age: "3600",
    });
  },
  async "/ve"(url) {
    const checks = { pkceCodeVerifier: session.verifier, expectedState: session.state, expectedNonce: session.nonce };
    session.tokens = await client.authorizationCodeGrant(config, url, { ...checks, idTokenExpected: true, maxAge: 3600 });
    session.claims = session.tokens.claims();
    return { claims: session.claims, scope: session.tokens.scope };
  },
  async "/nguoi"() {
    return client.fetchUserInfo(config, session.tokens.access_token, session.claims.sub);
  },
  async "/lam-moi"() {
    const before = session.tokens;
    session.tokens = await client.refreshTokenGrant(config, before.refresh_token);
    return { claims: session.tokens.claims(), turned: before.refresh_token !== session.tokens.refresh_token };
  },
  async "/hoi"() {
    return client.tokenIntrospection(config, session.tokens.access_token);
  },
  async "/thu-hoi"() {
    await client.tokenRevocation(config, session.tokens.refresh_token);
    return client.tokenIntrospection(config, session.tokens.refresh_token);
  },
  async "/tu-minh"() {
    const tokens = await client.clientCredentialsGrant(config, { scope: "profile" });
    return { type: tokens.token_type, seconds: tokens.expires_in };
  },
  async "/ra"() {
    const told = { post_logout_redirect_uri: `${here}/da-ra`, id_token_hint: session.tokens.id_token, state: "hẹn gặp lại" };
    return client.buildEndSessionUrl(config, told);
  },
  async "/da-ra"(url) {
    return { state: url.searchParams.get("state") };
  },
};

createServer(async (request, response) => {
  const url = new URL(request.url, here);
  try {
    const answer = await pages[url.pathname](url);
    if (answer instanceof URL) response.writeHead(302, { Location: answer.href }).end();
    else response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(answer));
  } catch (fault) {
    const { code, error, error_description } = fault;
    const told = { fault: String(fault), code, error, error_description, cause: String(fault.cause?.message ?? "") };
    response.writeHead(500, { "Content-Type": "application/json" }).end(JSON.stringify(told));
  }
}).listen(Number(port), "127.0.0.1");
