// Signing by drawing: what is drawn becomes the PNG that the file box below sends. Without this, one types the name or uploads.
const INK = "#14255a";

class Pad {
  constructor(place) {
    this.canvas = place.querySelector("canvas");
    this.file = document.getElementById(place.dataset.hlSign);
    this.status = place.querySelector("[data-hl-signed]");
    this.pen = this.canvas.getContext("2d");
    this.wipe();
    this.canvas.addEventListener("pointerdown", (event) => this.begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.draw(event));
    for (const name of ["pointerup", "pointercancel"]) this.canvas.addEventListener(name, () => this.end());
    place.querySelector("button").addEventListener("click", () => this.again());
    place.hidden = false;
  }

  /** White paper, not glass: the picture is printed. */
  wipe() {
    this.pen.fillStyle = "#fff";
    this.pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
    Object.assign(this.pen, { strokeStyle: INK, lineWidth: 5, lineCap: "round", lineJoin: "round" });
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * this.canvas.width, ((event.clientY - box.top) / box.height) * this.canvas.height];
  }

  begin(event) {
    if (event.button) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.pen.beginPath();
    this.pen.moveTo(...this.at(event));
    this.drawing = true;
  }

  draw(event) {
    if (!this.drawing) return;
    this.pen.lineTo(...this.at(event));
    this.pen.stroke();
    this.drawn = true;
  }

  end() {
    if (!this.drawing) return;
    this.drawing = false;
    if (!this.drawn) return;
    const wanted = (this.round = (this.round ?? 0) + 1);
    this.canvas.toBlob((blob) => wanted === this.round && this.put(blob), "image/png");
  }

  put(blob) {
    const chosen = new DataTransfer();
    if (blob) chosen.items.add(new File([blob], "chu-ky.png", { type: "image/png" }));
    this.file.files = chosen.files;
    this.status.textContent = blob ? this.status.dataset.hlSigned : "";
  }

  again() {
    this.round = (this.round ?? 0) + 1; // what is still being made of the strokes before is not wanted
    this.drawn = false;
    this.wipe();
    this.put(null);
  }
}

/** Bring the places to sign inside `scope` to life. */
export function startSigning(scope) {
  for (const place of scope.querySelectorAll("[data-hl-sign][hidden]")) new Pad(place);
}
