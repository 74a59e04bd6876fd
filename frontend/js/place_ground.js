// The ground of maps, fetched once for a page: outlines of land and borders, where communes are.

export const KILOMETRES = 111.32; // of a degree of latitude
const NEAR = 25; // kilometres: what is farther from every commune has no name here

let asked = null;

/** The ground behind `address`; the browser keeps it. */
export function fetchGround(address) {
  asked ??= fetch(address, { headers: { Accept: "application/json" } }).then(async (answer) => {
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return new Ground(await answer.json());
  });
  return asked;
}

class Ground {
  constructor({ covers, home, outlines, names }) {
    this.covers = covers;
    this.home = home;
    this.names = names.map(([text, longitude, latitude]) => ({ text, longitude, latitude }));
    this.outlines = outlines.map((one) => ({ ...one, box: boxOf(one.points) }));
    this.narrowing = Math.cos((((home[1] + home[3]) / 2) * Math.PI) / 180); // of a degree of longitude, here
  }

  /** The commune whose middle is nearest to a place; nothing far from all of them. */
  nearest({ longitude, latitude }) {
    let found = null;
    let least = NEAR;
    for (const one of this.names) {
      const far = Math.hypot((one.longitude - longitude) * this.narrowing, one.latitude - latitude) * KILOMETRES;
      if (far < least) [found, least] = [one, far];
    }
    return found?.text ?? "";
  }
}

function boxOf(points) {
  const box = [180, 90, -180, -90];
  for (const [x, y] of points) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
}
