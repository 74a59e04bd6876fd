// htmx: the security token on every request, components in what arrives, a word when sending fails.
import { toast } from "./toasts.js";
import { words } from "./words.js";

function token() {
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (field) return field.value;
  return document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] ?? "";
}

export function startHtmx(htmx, start) {
  Object.assign(htmx.config, {
    attributesToSettle: ["class", "width", "height"], // a style would break the content policy
    includeIndicatorStyles: false, // the content policy forbids inline styles; ours are in the stylesheet
    allowEval: false,
    allowScriptTags: false,
    historyCacheSize: 0, // pages with personal data do not stay in the browser's storage
    selfRequestsOnly: true,
  });
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = token();
  });
  document.addEventListener("htmx:load", (event) => {
    if (event.target !== document.body) start(event.target);
  });
  document.addEventListener("htmx:sendError", () => toast(words.failed, "error"));
  // A form that comes back with its faults (422) is shown, not dropped.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 422) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  window.htmx = htmx;
}
