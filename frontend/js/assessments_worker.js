// Keeps the page of assessments on the phone (KEPT and RELEASE come before this file, written by the server). Only files
// that say nothing of anybody are kept; everything else goes to the network as if nothing were here.
const PREFIX = "hl-assessments-";
const HERE = PREFIX + RELEASE;
const PATHS = new Set(KEPT);

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(HERE).then((cache) => cache.addAll(KEPT.map((path) => new Request(path, { cache: "reload", credentials: "omit" })))).then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const forget = (names) => Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== HERE).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(forget).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin || !PATHS.has(address.pathname)) return;
  event.respondWith(caches.open(HERE).then((cache) => cache.match(address.pathname)).then((found) => found ?? fetch(event.request)));
});
