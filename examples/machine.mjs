// A system that works for itself: gets an access token with its own password and calls the province's API.
// ISSUER=https://dichvucong.tinh.example CLIENT_ID=… CLIENT_SECRET=… node machine.mjs
const { ISSUER, CLIENT_ID, CLIENT_SECRET } = process.env;

async function json(response) {
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
  return response.json();
}

const provider = await json(await fetch(`${ISSUER}/.well-known/openid-configuration`));
const token = await json(
  await fetch(provider.token_endpoint, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${CLIENT_ID}:${CLIENT_SECRET}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials", scope: "api.read" }),
  }),
); // good for expires_in seconds: keep it and use it until then
const registers = await json(
  await fetch(`${ISSUER}/api/v1/registers`, { headers: { authorization: `Bearer ${token.access_token}` } }),
);
console.log(200, registers.length, "registers", token.expires_in, "seconds");
