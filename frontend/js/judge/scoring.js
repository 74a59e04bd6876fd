// From answers to a verdict, as the server says it (capabilities/scoring/engine.py): fractions of whole numbers, nothing
// rounded on the way up; what is shown or compared is rounded first, half up, to the definition's decimals.

const NUMBER = /^-?[0-9]{1,9}(\.[0-9]{1,6})?$/;
const NOT_APPLICABLE = "na";
const HUNDRED = new Set(["weighted", "deduct"]);

function divisor(left, right) {
  while (right) [left, right] = [right, left % right];
  return left < 0n ? -left : left;
}

function fraction(top, bottom = 1n) {
  const common = divisor(top, bottom) || 1n;
  return { top: top / common, bottom: bottom / common }; // bottoms are above zero
}

const ZERO = fraction(0n);
const plus = (left, right) => fraction(left.top * right.bottom + right.top * left.bottom, left.bottom * right.bottom);
const minus = (left, right) => plus(left, { top: -right.top, bottom: right.bottom });
const times = (left, right) => fraction(left.top * right.top, left.bottom * right.bottom);
const isLess = (left, right) => left.top * right.bottom < right.top * left.bottom;
const least = (values) => values.reduce((best, value) => (isLess(value, best) ? value : best));
const most = (values) => values.reduce((best, value) => (isLess(best, value) ? value : best));
const total = (values) => values.reduce(plus, ZERO);

/** Over something that may be negative. */
function over(left, right) {
  return right.top < 0n ? fraction(-left.top * right.bottom, left.bottom * -right.top) : fraction(left.top * right.bottom, left.bottom * right.top);
}

/** A decimal text, or a number of the definition, as a fraction; nothing stands for null. */
function read(text) {
  const [whole, digits = ""] = String(text).split(".");
  const top = BigInt(whole.replace("-", "") + digits);
  return fraction(whole.startsWith("-") ? -top : top, 10n ** BigInt(digits.length));
}

/** As text with exactly so many digits after the point, halves away from zero. */
export function rounded(value, decimals) {
  const top = (value.top < 0n ? -value.top : value.top) * 10n ** BigInt(decimals);
  const whole = (2n * top + value.bottom) / (2n * value.bottom);
  const digits = String(whole).padStart(decimals + 1, "0");
  const text = decimals ? `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}` : digits;
  return value.top < 0n && whole ? `-${text}` : text;
}

const isGroup = (node) => node.items.length > 0;

/** What can be chosen; the words of yes and no are the page's. */
export function options(node) {
  if (node.ask === "choice") return node.choices;
  if (node.ask !== "yes_no") return [];
  return [
    { value: "yes", points: node.points ?? "1", fails: false, fault: "" },
    { value: "no", points: "0", fails: true, fault: node.fault },
  ];
}

function full(node) {
  if (isGroup(node)) return read(node.points ?? (HUNDRED.has(node.aggregate) ? "100" : "1"));
  if (node.ask === "choice") return most(node.choices.map((choice) => read(choice.points)));
  if (node.ask === "number" && node.bands.length) return most(node.bands.map((band) => read(band.points)));
  return read(node.points ?? "1");
}

/** Whether this can be the answer to an item. */
export function accepts(node, value) {
  if (value === NOT_APPLICABLE) return node.not_applicable;
  if (node.ask !== "number") return options(node).some((choice) => choice.value === value);
  if (!NUMBER.test(value)) return false;
  const number = read(value);
  return (node.min === null || !isLess(number, read(node.min))) && (node.max === null || !isLess(read(node.max), number));
}

/** Whether evidence of this kind must be there. */
export function isWanted(node, kind, failed) {
  const wanted = node.evidence[kind];
  return wanted === "must" || (wanted === "when_failed" && failed);
}

const NA = { state: "na", score: ZERO, full: ZERO, passed: null, fault: "" };
const OPEN = { ...NA, state: "open" };
const counted = (score, whole, passed, fault = "") => ({ state: "counted", score, full: whole, passed, fault });

class Run {
  constructor(spec, answers) {
    this.spec = spec;
    this.answers = answers;
    this.nodes = {};
    this.missing = [];
    this.critical = [];
    this.faults = Object.fromEntries(Object.keys(spec.faults).map((kind) => [kind, 0]));
  }

  noted(node, found) {
    if (node.critical && found.passed === false) this.critical.push(node.code);
    const { decimals } = this.spec;
    this.nodes[node.code] = { state: found.state, score: rounded(found.score, decimals), max: rounded(found.full, decimals), passed: found.passed };
    return found;
  }

  item(node) {
    const answer = this.answers[node.code] ?? {};
    const value = String(answer.value ?? "");
    if (!accepts(node, value)) {
      this.missing.push([node.code, "answer"]);
      return this.noted(node, OPEN);
    }
    const found = value === NOT_APPLICABLE ? NA : answered(node, value);
    this.lookForEvidence(node, answer, found);
    if (found.fault) this.faults[found.fault] = (this.faults[found.fault] ?? 0) + 1;
    return this.noted(node, found);
  }

  lookForEvidence(node, answer, found) {
    if (found.state === "na") return;
    const there = { photo: (answer.photos ?? 0) > 0, note: /[^ \t\r\n\u00a0]/.test(answer.note ?? ""), place: Boolean(answer.place) };
    for (const kind of ["photo", "note", "place"]) {
      if (!there[kind] && isWanted(node, kind, found.passed === false)) this.missing.push([node.code, kind]);
    }
  }

  group(node) {
    const children = node.items.map((item) => ({ item, found: isGroup(item) ? this.group(item) : this.item(item) }));
    const those = children.filter(({ found }) => found.state === "counted");
    if (!those.length) return this.noted(node, children.some(({ found }) => found.state === "open") ? OPEN : NA);
    const found = aggregated(node, children, those);
    if (node.pass_from !== null) found.passed = !isLess(read(rounded(found.score, this.spec.decimals)), read(node.pass_from));
    return this.noted(node, found);
  }

  level(measure) {
    const { spec } = this;
    const last = spec.levels[spec.levels.length - 1].code;
    if (this.critical.length) return spec.critical_failed || last;
    const fits = (level) =>
      Object.entries(level.at_most).every(([kind, bound]) => (this.faults[kind] ?? 0) <= bound) && (level.from === null || !isLess(measure, read(level.from)));
    return spec.levels.find(fits)?.code ?? last;
  }
}

function answered(node, value) {
  const whole = full(node);
  if (node.ask !== "number") {
    const choice = options(node).find((one) => one.value === value);
    return counted(read(choice.points), whole, !choice.fails, choice.fault);
  }
  const number = read(value);
  if (node.bands.length) {
    const band = node.bands.filter((one) => !isLess(number, read(one.from))).pop();
    return counted(read(band.points), whole, !band.fails, band.fault);
  }
  const worth = plus(read(node.base), times(read(node.each), number));
  return counted(least([most([worth, ZERO]), whole]), whole, true);
}

function aggregated(node, children, those) {
  const own = full(node);
  const found = those.map((one) => one.found);
  const weights = those.map(({ item }) => read(item.weight));
  const weighed = (value) => total(found.map((one, number) => times(weights[number], value(one))));
  switch (node.aggregate) {
    case "all":
    case "any": {
      const holds = (one) => one.passed !== false;
      const passed = node.aggregate === "all" ? found.every(holds) : found.some(holds);
      return counted(passed ? own : ZERO, own, passed);
    }
    case "min":
      return counted(least(found.map((one) => one.score)), least(found.map((one) => one.full)), null);
    case "weighted":
      return counted(times(own, over(weighed((one) => (one.full.top ? over(one.score, one.full) : ZERO)), total(weights))), own, null);
    case "levels":
      return counted(fraction(BigInt(reached(children))), fraction(BigInt(lastCounted(children))), null);
    case "deduct":
      return counted(most([minus(own, weighed((one) => minus(one.full, one.score))), ZERO]), own, null);
    default:
      return counted(weighed((one) => one.score), weighed((one) => one.full), null);
  }
}

/** The number of the highest level that is met with all below it; what does not apply holds nobody back. */
function reached(children) {
  let highest = 0;
  for (const [number, { found }] of children.entries()) {
    if (found.state === "na") continue;
    if (found.state === "open" || found.passed === false) break;
    highest = number + 1;
  }
  return highest;
}

const lastCounted = (children) => Math.max(...children.map(({ found }, number) => (found.state === "counted" ? number + 1 : 0)));

/** The verdict on these answers (by item: value, note, photos, place) under a definition as the server keeps it. */
export function judge(spec, answers) {
  const run = new Run(spec, answers);
  const found = run.group(spec.tree);
  let measure = found.score;
  if (spec.measure === "percent") measure = found.full.top ? times(over(found.score, found.full), fraction(100n)) : ZERO;
  const text = rounded(measure, spec.decimals);
  const complete = run.missing.length === 0 && found.state === "counted";
  return {
    complete,
    missing: run.missing,
    nodes: run.nodes,
    score: rounded(found.score, spec.decimals),
    max: rounded(found.full, spec.decimals),
    measure: text,
    critical: run.critical,
    faults: run.faults,
    level: complete ? run.level(read(text)) : "",
  };
}
