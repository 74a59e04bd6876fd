// A provider made of oidc-provider, with its own store in memory. Whoever comes is signed in as somebody, once a session.
import { createServer } from "node:http";

import Provider from "oidc-provider";

const port = Number(process.argv[2]);
const key = JSON.parse(process.env.PROVIDER_KEY);
const back = "http://127.0.0.1:9/back";
const client = { client_secret: "a-secret-of-the-benchmark", token_endpoint_auth_method: "client_secret_basic" };

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      ...client,
      client_id: "sign-in",
      redirect_uris: [back],
      response_types: ["code"],
      grant_types: ["authorization_code", "refresh_token"],
    },
    { ...client, client_id: "machine", redirect_uris: [], response_types: [], grant_types: ["client_credentials"] },
  ],
  jwks: { keys: [key] },
  cookies: { keys: ["only-for-the-benchmark"] },
  claims: { openid: ["sub"], profile: ["name"] },
  conformIdTokenClaims: true,
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
  },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  ttl: { AccessToken: 900, ClientCredentials: 900, RefreshToken: 30 * 24 * 3600, Session: 9 * 3600, Grant: 9 * 3600 },
  findAccount: (ctx, sub) => ({ accountId: sub, claims: () => ({ sub, name: "Nguyễn Văn An" }) }),
  async loadExistingGrant(ctx) {
    const held = ctx.oidc.session.grantIdFor(ctx.oidc.client.clientId);
    if (held) return ctx.oidc.provider.Grant.find(held);
    const grant = new ctx.oidc.provider.Grant({
      accountId: ctx.oidc.session.accountId,
      clientId: ctx.oidc.client.clientId,
    });
    grant.addOIDCScope("openid profile");
    await grant.save();
    return grant;
  },
});

const answer = provider.callback();
let people = 0;
createServer(async (request, response) => {
  if (request.url.startsWith("/interaction/")) {
    people += 1;
    const login = { accountId: `person${people}` };
    await provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
    return;
  }
  answer(request, response);
}).listen(port, "127.0.0.1");
