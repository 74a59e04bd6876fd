// A map below a box for a place: touched, the point stands in the box; typed, the marker follows. Only pages that ask for
// a place fetch this module. Without it, or when it fails, one types latitude and longitude.
import { Chart } from "./place_chart.js";
import { fetchGround } from "./place_ground.js";
import { words } from "./words.js";

const TYPED = /^\s*(-?\d{1,2}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/; // as the server reads it
const STILL = 6; // pixels that a tap may slip
const WAIT = 700; // milliseconds before what is typed is said
const COARSE = 20; // metres of a pixel, past which a place is not chosen but looked at closer
const FINE_ENOUGH = 15; // metres of a pixel, to choose by
const SCROLLING = 400; // milliseconds in which turning the wheel goes on moving the page
const said = words.place;
const fill = (text, given) => text.replace(/%(\w+)%/g, (_, name) => given[name] ?? "");

let scrolled = 0;
document.addEventListener("scroll", () => (scrolled = performance.now()), { passive: true });

/** The place that a text names; null for what names none. */
function pointIn(text) {
  const found = TYPED.exec(text);
  if (!found) return null;
  const [latitude, longitude] = [Number(found[1]), Number(found[2])];
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : null;
}

const written = ({ latitude, longitude }) => `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;

function make(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** A place that is only shown. */
class Shown {
  constructor(place, ground) {
    this.chart = new Chart(ground);
    place.append(this.chart.svg);
    place.hidden = false;
    this.chart.mark(pointIn(place.dataset.hlPlaceAt));
  }
}

class Picker {
  constructor(box, ground) {
    this.box = box;
    this.ground = ground;
    this.chart = new Chart(ground);
    this.fingers = new Map();
    this.build();
    this.listen();
    this.follow();
  }

  build() {
    const label = this.box.labels?.[0]?.firstChild?.textContent.trim() ?? "";
    this.whole = make("div", "hl-place");
    this.view = make("div", "hl-place__view");
    this.view.tabIndex = 0;
    this.view.setAttribute("role", "application");
    this.view.setAttribute("aria-label", said.map);
    this.view.setAttribute("aria-description", `${label}. ${this.box.readOnly ? said.looking : said.keys}`);
    this.view.append(this.chart.svg);
    this.status = make("p", "govuk-body-s hl-place__said");
    this.status.setAttribute("role", "status");
    const bar = make("div", "hl-place__bar");
    bar.append(this.button("+", () => this.chart.zoom(2), said.closer), this.button("−", () => this.chart.zoom(1 / 2), said.farther), this.button(said.whole, () => this.chart.show(true)));
    if (!this.box.readOnly) bar.append(this.button(said.mine, () => this.locate()));
    this.whole.append(bar, this.view, this.status);
    const placed = this.box.closest("[data-hl-rows]") ? this.folded() : this.whole;
    placed.dataset.hlPlaceMap = "";
    this.box.after(placed);
  }

  /** Rows of a table have their maps folded: many would push the rows apart. */
  folded() {
    const details = make("details", "govuk-details hl-place-folded");
    const summary = make("summary", "govuk-details__summary");
    const text = make("div", "govuk-details__text");
    summary.append(make("span", "govuk-details__summary-text", said.open));
    text.append(this.whole);
    details.append(summary, text);
    return details;
  }

  button(text, press, name = "") {
    const button = make("button", "hl-place__button", text);
    button.type = "button";
    if (name) button.setAttribute("aria-label", name);
    button.addEventListener("click", press);
    return button;
  }

  listen() {
    this.box.addEventListener("input", () => this.typed());
    this.view.addEventListener("keydown", (event) => this.key(event));
    this.view.addEventListener("wheel", (event) => this.turn(event), { passive: false });
    this.view.addEventListener("pointerdown", (event) => this.press(event));
    this.view.addEventListener("pointermove", (event) => this.drag(event));
    this.view.addEventListener("pointerup", (event) => this.release(event));
    this.view.addEventListener("pointercancel", (event) => this.fingers.delete(event.pointerId));
    window.addEventListener("pageshow", () => this.follow()); // going back, the browser fills the box again
  }

  /** What stands in the box is what is marked. */
  follow() {
    const point = pointIn(this.box.value);
    this.chart.mark(point);
    this.tell(point ? this.named(said.chosen, point) : this.box.readOnly ? "" : said.tap);
  }

  typed() {
    this.asked = null; // where one is, is not wanted any more
    this.chart.mark(pointIn(this.box.value));
    clearTimeout(this.saying);
    this.saying = setTimeout(() => this.follow(), WAIT);
  }

  named(text, point) {
    const name = this.ground.nearest(point);
    return fill(text, { at: written(point) }) + (name ? `, ${fill(said.near, { name })}` : "");
  }

  tell(text) {
    clearTimeout(this.saying);
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  /** Write a place into the box, as if it were typed. */
  choose(point, more = "") {
    if (this.box.readOnly || this.box.disabled) return;
    this.box.value = written(point);
    this.box.dispatchEvent(new Event("input", { bubbles: true }));
    this.box.dispatchEvent(new Event("change", { bubbles: true }));
    this.follow();
    if (more) this.tell(`${this.status.textContent} ${more}`);
  }

  where(event) {
    const box = this.view.getBoundingClientRect();
    return [event.clientX - box.left - this.view.clientLeft, event.clientY - box.top - this.view.clientTop];
  }

  press(event) {
    if (event.button) return;
    this.view.setPointerCapture(event.pointerId);
    const [x, y] = this.where(event);
    this.fingers.set(event.pointerId, { x, y });
    this.tap = this.fingers.size === 1 ? { x, y } : null;
  }

  /** One finger moves the map, two move and zoom it. */
  drag(event) {
    const finger = this.fingers.get(event.pointerId);
    if (!finger) return;
    const [x, y] = this.where(event);
    if (this.tap && Math.hypot(x - this.tap.x, y - this.tap.y) < STILL) return;
    this.tap = null;
    const before = { ...finger };
    Object.assign(finger, { x, y });
    const other = [...this.fingers.values()].find((one) => one !== finger);
    if (!other) return this.chart.move(x - before.x, y - before.y);
    const far = (one) => Math.max(Math.hypot(one.x - other.x, one.y - other.y), 1);
    this.chart.move((x - before.x) / 2, (y - before.y) / 2);
    this.chart.zoom(far(finger) / far(before), (x + other.x) / 2, (y + other.y) / 2);
  }

  release(event) {
    if (!this.fingers.delete(event.pointerId) || !this.tap) return;
    const { x, y } = this.tap;
    this.tap = null;
    this.point(this.chart.at(x, y));
  }

  /** A finger tells a place no better than the map shows it: from far away, it is where to look closer. */
  point(place) {
    if (this.box.readOnly || this.box.disabled || this.chart.metresOfPixel <= COARSE) return this.choose(place);
    this.chart.closeIn(place, FINE_ENOUGH);
    this.tell(said.closerFirst);
  }

  turn(event) {
    if (performance.now() - scrolled < SCROLLING) return; // the page is being scrolled past the map
    event.preventDefault();
    const turned = Math.max(Math.min(event.deltaY * (event.deltaMode ? 30 : 1), 300), -300);
    this.chart.zoom(Math.exp(-turned / 300), ...this.where(event));
  }

  key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const { chart } = this;
    const step = Math.min(chart.width, chart.height) / 6;
    const deeds = {
      ArrowLeft: () => chart.move(step, 0),
      ArrowRight: () => chart.move(-step, 0),
      ArrowUp: () => chart.move(0, step),
      ArrowDown: () => chart.move(0, -step),
      "+": () => chart.zoom(2, chart.width / 2, chart.height / 2),
      "=": () => chart.zoom(2, chart.width / 2, chart.height / 2),
      "-": () => chart.zoom(1 / 2, chart.width / 2, chart.height / 2),
      Enter: () => this.point(chart.middle),
    };
    const deed = deeds[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
    if (event.key === "Enter") return;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => this.tell(this.named(said.middle, chart.middle)), WAIT);
  }

  /** Where the person is, if the browser may tell. */
  locate() {
    if (!navigator.geolocation || !window.isSecureContext) return this.tell(said.unavailable);
    const asked = (this.asked = {});
    const answered = (deed) => (answer) => this.asked === asked && this.box.isConnected && deed(answer);
    this.tell(said.asking);
    navigator.geolocation.getCurrentPosition(
      answered(({ coords }) => {
        this.choose(coords, fill(said.accuracy, { metres: Math.max(Math.round(coords.accuracy), 1) }));
        this.chart.show();
      }),
      answered((fault) => this.tell(fault.code === fault.PERMISSION_DENIED ? said.refused : said.unavailable)),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
    );
  }
}

/** Bring the boxes and the shown places to life, each once. */
export async function start(places) {
  const fresh = places.filter((place) => !place.dataset.hlStarted);
  for (const place of fresh) place.dataset.hlStarted = "yes";
  for (const place of fresh) {
    const ground = await fetchGround(place.dataset.hlPlace);
    if (place instanceof HTMLInputElement) new Picker(place, ground);
    else new Shown(place, ground);
  }
}
