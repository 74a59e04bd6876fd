// A map drawn as SVG in the size it has on the page: ground, names of communes, one marker, a scale.
import { KILOMETRES } from "./place_ground.js";

const SVG = "http://www.w3.org/2000/svg";
const KINDS = ["land", "abroad", "border"];
const FINE = 0.7; // pixels: a corner nearer to the one before is not drawn
const LETTER = [6.6, 15]; // the room of a letter and of a line in pixels
const LEAST = 30; // pixels of a degree of latitude: all the country on a telephone
const MOST = 400_000; // about 30 cm a pixel
const PIN = "M0 0C-3 -8 -10 -13 -10 -21A10 10 0 1 1 10 -21C10 -13 3 -8 0 0Z";

function draw(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  set(made, attributes);
  made.append(...children);
  return made;
}

function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

const round = (number) => Math.round(number * 10) / 10;
const held = (number, least, most) => Math.min(Math.max(number, least), most);

export class Chart {
  constructor(ground) {
    this.ground = ground;
    this.sea = draw("rect", { class: "hl-map__sea" });
    this.paths = Object.fromEntries(KINDS.map((kind) => [kind, draw("path", { class: `hl-map__${kind}` })]));
    this.names = draw("g", { class: "hl-map__names" });
    this.cross = draw("path", { class: "hl-place__cross", d: "M-14 0H-4M4 0H14M0 -14V-4M0 4V14" });
    this.pin = draw("g", { class: "hl-place__pin" }, draw("path", { d: PIN }), draw("circle", { cy: -21, r: 3.5 }));
    this.bar = draw("path");
    this.length = draw("text", { dx: 6 });
    this.svg = draw(
      "svg",
      { class: "hl-place__drawing", "aria-hidden": "true", focusable: "false" },
      draw("g", { class: "hl-map__under" }, this.sea, ...Object.values(this.paths)),
      this.names,
      draw("g", { class: "hl-map__scale" }, this.bar, this.length),
      this.pin,
      this.cross,
    );
    this.marked = null;
    new ResizeObserver(() => this.resized()).observe(this.svg);
  }

  /** The page gave the map another size: what was in its middle stays there. */
  resized() {
    this.width = this.svg.clientWidth;
    this.height = this.svg.clientHeight;
    if (!this.width || !this.height) return;
    set(this.svg, { viewBox: `0 0 ${this.width} ${this.height}` });
    if (!this.middle) this.show();
    this.drawSoon();
  }

  /** Everything of here, or the neighbourhood of the marker. */
  show(whole = false) {
    const [west, south, east, north] = this.ground.home;
    if (this.marked && !whole) {
      this.middle = { ...this.marked };
      this.scale = this.height / 0.15;
    } else {
      this.middle = { longitude: (west + east) / 2, latitude: (south + north) / 2 };
      this.scale = Math.min(this.width / (east - west) / this.ground.narrowing, this.height / (north - south));
    }
    this.drawSoon();
  }

  place({ longitude, latitude }) {
    const { scale, middle, ground } = this;
    return [(longitude - middle.longitude) * scale * ground.narrowing + this.width / 2, (middle.latitude - latitude) * scale + this.height / 2];
  }

  at(x, y) {
    const { scale, middle, ground } = this;
    return { longitude: held(middle.longitude + (x - this.width / 2) / scale / ground.narrowing, -180, 180), latitude: held(middle.latitude - (y - this.height / 2) / scale, -90, 90) };
  }

  /** Put a marker, or take it away; it comes into view. */
  mark(point) {
    this.marked = point;
    if (!this.middle) return; // it has no size yet
    if (point && !this.sees(point)) this.middle = { ...point };
    this.drawSoon();
  }

  get metresOfPixel() {
    return (KILOMETRES * 1000) / this.scale;
  }

  /** Closer to a point, until a pixel is as many metres. */
  closeIn(point, metres) {
    this.middle = { ...point };
    this.zoom(this.metresOfPixel / metres, this.width / 2, this.height / 2);
  }

  sees(point) {
    const [x, y] = this.place(point);
    return x >= 0 && x <= this.width && y >= 12 && y <= this.height;
  }

  move(x, y) {
    this.middle = this.at(this.width / 2 - x, this.height / 2 - y);
    this.drawSoon();
  }

  /** Closer by `times`; what is at `x`, `y` stays there. Without them: the marker if it is seen, else the middle. */
  zoom(times, x, y) {
    if (x === undefined) [x, y] = this.marked && this.sees(this.marked) ? this.place(this.marked) : [this.width / 2, this.height / 2];
    const there = this.at(x, y);
    this.scale = held(this.scale * times, LEAST, MOST);
    const [nowX, nowY] = this.place(there);
    this.move(x - nowX, y - nowY);
  }

  drawSoon() {
    if (!this.width || !this.middle) return;
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = null;
      this.draw();
    });
  }

  draw() {
    const [west, south, east, north] = this.ground.covers;
    const [left, top] = this.place({ longitude: west, latitude: north }).map((at) => held(at, -9, 9999));
    const [right, bottom] = this.place({ longitude: east, latitude: south }).map((at) => held(at, -9, 9999));
    set(this.sea, { x: round(left), y: round(top), width: round(right - left), height: round(bottom - top) });
    for (const kind of KINDS) set(this.paths[kind], { d: this.path(kind) });
    set(this.pin, { display: this.marked ? "inline" : "none" });
    const taken = [this.drawScale()];
    if (this.marked) {
      const [x, y] = this.place(this.marked);
      set(this.pin, { transform: `translate(${round(x)} ${round(y)})` });
      taken.push([x - 12, y - 34, x + 12, y + 4]);
    }
    set(this.cross, { transform: `translate(${this.width / 2} ${this.height / 2})` });
    this.names.replaceChildren(...this.named(taken));
  }

  path(kind) {
    const a = this.at(0, this.height);
    const b = this.at(this.width, 0);
    let drawn = "";
    for (const one of this.ground.outlines) {
      const [west, south, east, north] = one.box;
      if (one.kind !== kind || west > b.longitude || east < a.longitude || south > b.latitude || north < a.latitude) continue;
      let before = null;
      for (const [longitude, latitude] of one.points) {
        const [x, y] = this.place({ longitude, latitude });
        if (before && Math.abs(x - before[0]) + Math.abs(y - before[1]) < FINE) continue;
        drawn += `${before ? "L" : "M"}${round(x)} ${round(y)}`;
        before = [x, y];
      }
      if (one.area) drawn += "Z";
    }
    return drawn;
  }

  /** Names of communes that do not touch one another, the most important first. */
  named(taken) {
    const most = Math.round((this.width * this.height) / 9000);
    const found = [];
    for (const one of this.ground.names) {
      if (found.length >= most) break;
      const [x, y] = this.place(one);
      const half = (one.text.length * LETTER[0]) / 2;
      const room = [x - half, y - LETTER[1] - 4, x + half, y + 3];
      if (room[0] < 0 || room[1] < 0 || room[2] > this.width || room[3] > this.height) continue;
      if (taken.some((other) => room[0] < other[2] && other[0] < room[2] && room[1] < other[3] && other[1] < room[3])) continue;
      taken.push(room);
      const text = draw("text", { x: round(x), y: round(y), dy: -5 });
      text.textContent = one.text;
      found.push(draw("g", {}, draw("circle", { cx: round(x), cy: round(y), r: 1.5 }), text));
    }
    return found;
  }

  /** A bar of a round length; the room it takes. */
  drawScale() {
    const cosine = Math.cos((this.middle.latitude * Math.PI) / 180);
    const step = (this.scale * this.ground.narrowing) / (KILOMETRES * 1000 * cosine); // pixels of a metre
    const wanted = Math.min(120, this.width / 3) / step;
    const ten = 10 ** Math.floor(Math.log10(wanted));
    const metres = [5, 2, 1].map((one) => one * ten).find((one) => one <= wanted) ?? ten;
    const width = round(metres * step);
    set(this.bar, { d: `M12 ${this.height - 18}V${this.height - 12}H${12 + width}V${this.height - 18}` });
    set(this.length, { x: 12 + width, y: this.height - 12 });
    this.length.textContent = metres < 1000 ? `${metres} m` : `${metres / 1000} km`;
    return [0, this.height - 32, width + 70, this.height];
  }
}
