// oidc-provider as it comes, signing in at once whoever is told at /test, and telling lies about it when asked to: tokens are
// taken apart and signed anew after the provider has made them.
import { createServer } from "node:http";

import { exportJWK, generateKeyPair, SignJWT } from "jose";
import Provider from "oidc-provider";

const [port, back] = [Number(process.argv[2]), process.argv[3]];
const issuer = `http://127.0.0.1:${port}`;
const client = { client_id: "tinh", client_secret: "bi-mat-kiem-thu-cua-tinh-rat-dai" };
let told = { person: "045190001234", fault: "", acr: "LoA2" };
let reads = 0;

async function key(kid) {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  return { private: privateKey, jwk: { ...(await exportJWK(privateKey)), kid, use: "sig", alg: "RS256" } };
}
const [first, second, stranger] = [await key("mot"), await key("hai"), await key("la")];

const provider = new Provider(issuer, {
  clients: [{ ...client, redirect_uris: [back], response_types: ["code"], grant_types: ["authorization_code"] }],
  jwks: { keys: [first.jwk] },
  cookies: { keys: ["chi-de-kiem-thu"] },
  acrValues: ["LoA1", "LoA2"],
  claims: { openid: ["sub"], profile: ["name", "birthdate", "gender", "personal_id"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (ctx, sub) => ({
    accountId: sub,
    claims: () => ({ sub, name: "NGUYỄN THỊ LÀNH", birthdate: "1990-05-12", gender: "female", personal_id: sub.slice(2) }),
  }),
  async loadExistingGrant(ctx) {
    const { session } = ctx.oidc;
    const grant = new ctx.oidc.provider.Grant({ accountId: session.accountId, clientId: ctx.oidc.client.clientId });
    grant.addOIDCScope("openid profile");
    await grant.save();
    return grant;
  },
});

const lies = {
  nonce: { nonce: "khac" },
  "no-nonce": { nonce: undefined },
  issuer: { iss: "https://noi-khac.example" },
  audience: { aud: "he-thong-khac" },
  "two-audiences": { aud: ["tinh", "he-thong-khac"] },
  "other-party": { azp: "he-thong-khac" },
  expired: { iat: -3600, exp: -1800 },
  old: { iat: -3600 },
  future: { iat: 3600, exp: 7200 },
  "no-expiry": { exp: undefined },
  "access-token": { at_hash: "AAAAAAAAAAAAAAAAAAAAAA" },
};

async function spoilt(token) {
  const [, middle] = token.split(".");
  const claims = JSON.parse(Buffer.from(middle, "base64url"));
  const now = Math.floor(Date.now() / 1000);
  for (const [name, value] of Object.entries(lies[told.fault] ?? {})) {
    claims[name] = typeof value === "number" ? now + value : value;
  }
  const part = (object) => Buffer.from(JSON.stringify(object)).toString("base64url");
  if (told.fault === "none") return `${part({ alg: "none" })}.${part(claims)}.`;
  if (told.fault === "shared-secret") {
    const secret = new TextEncoder().encode(client.client_secret);
    return new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "mot" }).sign(secret);
  }
  const signer = { "unknown-key": stranger, "other-key": stranger, rotated: second }[told.fault] ?? first;
  const kid = told.fault === "other-key" ? "mot" : signer.jwk.kid;
  const signed = await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid }).sign(signer.private);
  return told.fault === "signature" ? `${signed.slice(0, -8)}AAAAAAAA` : signed;
}

provider.use(async (ctx, next) => {
  await next();
  const route = ctx.oidc?.route;
  if (route === "token" && ctx.body?.id_token && told.fault) {
    ctx.body = { ...ctx.body, id_token: told.fault === "no-token" ? undefined : await spoilt(ctx.body.id_token) };
  } else if (route === "jwks") {
    reads += 1;
    if (told.fault === "rotated") {
      const { d, p, q, dp, dq, qi, ...published } = second.jwk;
      ctx.body = { keys: [published] };
    }
  } else if (route === "userinfo" && told.fault === "subject") {
    ctx.body = { ...ctx.body, sub: "nguoi-khac" };
  }
});

const answer = provider.callback();
createServer(async (request, response) => {
  if (request.url === "/test") {
    let body = "";
    for await (const chunk of request) body += chunk;
    told = { ...told, ...JSON.parse(body || "{}") };
    response.setHeader("content-type", "application/json").end(JSON.stringify({ reads }));
  } else if (request.url.startsWith("/interaction/")) {
    const login = { accountId: `x-${told.person}`, acr: told.acr };
    await provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
  } else {
    answer(request, response);
  }
}).listen(port, "127.0.0.1");
