// Evaluates expressions as the server does (foundation/schemas/expressions.py): whole numbers are BigInt, fractions
// Number; what cannot be computed is null. Throws Undecided where this judge does not know what the server would say.
import { parse } from "./cel_parse.js";
import { FUNCTIONS } from "./cel_functions.js";
import { Failure, add, compare, divide, equals, multiply, negative, position, remainder, subtract } from "./cel_values.js";
import { Undecided } from "./undecided.js";

/** Stands for a value that only the server knows. */
export const UNKNOWN = Symbol("unknown");

const MAX_WHOLE = 10 ** 15; // as MAX_NUMBER of typed.js
const trees = new Map();

function tree(expression) {
  if (!trees.has(expression)) trees.set(expression, parse(expression));
  return trees.get(expression);
}

/** The value of an expression over `data` (name → value; a name that is not there is null), on the day `data.today`; null
 * when it cannot be computed. */
export function evaluate(expression, data) {
  return attempt(tree(expression), data);
}

function attempt(node, data) {
  try {
    return run(node, data);
  } catch (error) {
    if (error instanceof Failure) return null;
    throw error;
  }
}

/** The value of a computed field of this type, as foundation/schemas/computing.py gives it: where whole numbers and fractions
 * meet all are counted as fractions, a field of fractions is divided into fractions, whole ones are rounded, halves up. */
export function computed(expression, data, type) {
  const inFractions = type === "number" && expression.includes("/");
  let value = inFractions ? null : evaluate(expression, data);
  if (value === null) value = attempt(withFractions(tree(expression)), fractions(data));
  const rounds = type === "integer" && typeof value === "number" && Math.abs(value) <= MAX_WHOLE;
  return rounds ? BigInt(Math.floor(value + 0.5)) : value;
}

function withFractions(node) {
  if (!Array.isArray(node)) return node;
  const isWhole = (part) => part?.[0] === "literal" && typeof part[1] === "bigint";
  if (isWhole(node)) return ["literal", Number(node[1])];
  if (node[0] === "index" && isWhole(node[2])) return ["index", withFractions(node[1]), node[2]];
  return node.map(withFractions);
}

function fractions(value) {
  if (typeof value === "bigint") return value < 2n ** 53n && value > -(2n ** 53n) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(fractions);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, fractions(part)]));
}

/** Whether a condition is true; an empty one is, one that cannot be computed is not. */
export function holds(expression, data) {
  return !expression.trim() || evaluate(expression, data) === true;
}

const BINARY = {
  "+": add,
  "-": subtract,
  "*": multiply,
  "/": divide,
  "%": remainder,
  "==": equals,
  "!=": (one, other) => !equals(one, other),
  "<": (one, other) => compare(one, other) < 0,
  "<=": (one, other) => compare(one, other) <= 0,
  ">": (one, other) => compare(one, other) > 0,
  ">=": (one, other) => compare(one, other) >= 0,
  in: isIn,
};

function run(node, data) {
  const [operation, ...parts] = node;
  if (operation in BINARY) return BINARY[operation](run(parts[0], data), run(parts[1], data));
  return OTHERS[operation](parts, data);
}

const OTHERS = {
  literal: ([value]) => value,
  name: ([name], data) => {
    const value = Object.hasOwn(data, name) ? data[name] : null;
    if (value === UNKNOWN) throw new Undecided(`${name} is not known here`);
    return value;
  },
  "?": ([condition, then, otherwise], data) => run(truth(run(condition, data)) ? then : otherwise, data),
  "||": (sides, data) => logical(sides, data, true),
  "&&": (sides, data) => logical(sides, data, false),
  not: ([operand], data) => !truth(run(operand, data)),
  minus: ([operand], data) => negative(run(operand, data)),
  list: ([items], data) => items.map((item) => run(item, data)),
  index: ([target, index], data) => position(run(target, data), run(index, data)),
  field: ([target, name], data) => member(run(target, data), name, true),
  has: ([target, name], data) => member(run(target, data), name, false),
  each: ([macro, target, name, body, filter], data) => each(macro, run(target, data), (value, part) => run(part, { ...data, [name]: value }), body, filter),
  call: ([name, target, args], data) => {
    const given = args.map((arg) => run(arg, data));
    if (target) given.unshift(run(target, data));
    const called = FUNCTIONS[`${target ? "." : ""}${name}`];
    if (!called) throw new Undecided(`no function ${name} here`);
    return called(given, data);
  },
};

function truth(value) {
  if (typeof value !== "boolean") throw new Failure();
  return value;
}

/** `||` ends with true, `&&` with false, whatever is wrong on the other side. */
function logical([first, second], data, ending) {
  let failure;
  try {
    if (truth(run(first, data)) === ending) return ending;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    failure = error;
  }
  const right = truth(run(second, data));
  if (failure && right !== ending) throw failure;
  return right;
}

function isIn(value, container) {
  if (Array.isArray(container)) return container.some((item) => equals(item, value));
  if (container !== null && typeof container === "object") {
    if (typeof value !== "string") throw new Undecided("a key that is no text");
    return Object.hasOwn(container, value);
  }
  throw new Failure();
}

function member(target, name, wanted) {
  if (target === null || typeof target !== "object" || Array.isArray(target)) throw new Failure();
  const there = Object.hasOwn(target, name);
  if (!wanted) return there;
  if (!there) throw new Failure();
  return target[name];
}

function each(macro, items, evaluated, body, filter) {
  if (!Array.isArray(items)) {
    if (items !== null && typeof items === "object") throw new Undecided("the order of keys");
    throw new Failure();
  }
  const holdsFor = (item, part = body) => truth(evaluated(item, part));
  if (macro === "all") return items.every((item) => holdsFor(item));
  if (macro === "exists") return items.some((item) => holdsFor(item));
  if (macro === "exists_one") return items.filter((item) => holdsFor(item)).length === 1;
  if (macro === "filter") return items.filter((item) => holdsFor(item));
  return items.filter((item) => !filter || holdsFor(item, filter)).map((item) => evaluated(item, body));
}
