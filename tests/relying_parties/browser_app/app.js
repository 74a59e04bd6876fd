// An application without a server, on oidc-client-ts.
const { UserManager, WebStorageStateStore } = window.oidc;
const here = location.origin;
const said = (what) => (document.getElementById("said").textContent = JSON.stringify(what));

const manager = new UserManager({
  authority: document.body.dataset.authority,
  client_id: document.body.dataset.client,
  redirect_uri: `${here}/ve`,
  silent_redirect_uri: `${here}/lang-le`,
  post_logout_redirect_uri: `${here}/da-ra`,
  scope: "openid profile",
  loadUserInfo: true,
  automaticSilentRenew: false,
  silentRequestTimeoutInSeconds: 60,
  userStore: new WebStorageStateStore({ store: localStorage }),
});
const known = (user) => ({
  name: user.profile.name,
  sub: user.profile.sub,
  token: user.access_token.slice(-12),
  lasting: Boolean(user.refresh_token),
});
const tried = (work) => async () => {
  try {
    const user = await work();
    if (user) said(known(user));
  } catch (fault) {
    said({ fault: fault.error ?? String(fault) });
  }
};

if (location.pathname === "/lang-le") {
  await manager.signinSilentCallback();
} else if (location.pathname === "/ve") {
  await tried(() => manager.signinRedirectCallback())();
} else if (location.pathname === "/da-ra") {
  await manager.signoutRedirectCallback();
  said({ left: true, user: await manager.getUser() });
}
document.getElementById("enter").onclick = () => manager.signinRedirect();
document.getElementById("enter-offline").onclick = () => manager.signinRedirect({ scope: "openid profile offline_access" });
document.getElementById("renew").onclick = tried(() => manager.signinSilent());
document.getElementById("leave").onclick = () => manager.signoutRedirect();
