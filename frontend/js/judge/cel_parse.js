// The Common Expression Language (the part of it that our forms may use) as a tree of [operation, …].
import { Undecided } from "./undecided.js";

const TOKEN =
  /(?<blank>[\t \r\n\f]+|\/\/[^\n]*)|(?<number>0x[0-9a-fA-F]+(?![uU])|(?:\d+\.\d+|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+(?![uU]))|(?<text>[rR]?(?:"(?:\\.|[^"\\\n\r])*"|'(?:\\.|[^'\\\n\r])*'))|(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<sign>==|!=|<=|>=|&&|\|\||[<>[\](){}.,\-!?:+*/%])/y;
const COMPARISONS = ["<", "<=", ">=", ">", "==", "!=", "in"];
const ESCAPES = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", "\\": "\\", "?": "?", "`": "`", "'": "'", '"': '"' };
const RESERVED = new Set("as break const continue else for function if import let loop package namespace return var void while".split(" "));
const MACROS = { all: 2, exists: 2, exists_one: 2, filter: 2, map: 2 };
const DEPTH = 60;

function tokens(source) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (!match) throw new Undecided(`cannot read ${source.slice(at, at + 10)}`);
    const { blank, number, text, name, sign } = match.groups;
    if (blank !== undefined) continue;
    if (number !== undefined) found.push({ kind: "literal", value: number.startsWith("0x") || /^\d+$/.test(number) ? whole(number) : Number(number) });
    else if (text !== undefined) found.push({ kind: "literal", value: unquoted(text) });
    else if (name === "true" || name === "false") found.push({ kind: "literal", value: name === "true" });
    else if (name === "null") found.push({ kind: "literal", value: null });
    else if (name === "in" || sign !== undefined) found.push({ kind: "sign", value: name ?? sign });
    else if (RESERVED.has(name)) throw new Undecided(`${name} is reserved`);
    else found.push({ kind: "name", value: name });
  }
  found.push({ kind: "end" });
  return found;
}

function whole(text) {
  const value = BigInt(text);
  if (value >= 2n ** 63n) throw new Undecided("number too large");
  return value;
}

function unquoted(text) {
  const raw = /^[rR]/.test(text);
  const quote = text[raw ? 1 : 0];
  const inner = text.slice(raw ? 2 : 1, -1);
  if (raw) {
    if (/\\["']/.test(inner)) throw new Undecided("a quote behind a backslash in a raw text");
    return inner;
  }
  return inner.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))/gs, (_, x, u, U, octal, plain) => {
    if (plain !== undefined) {
      const other = plain === "'" || plain === '"' ? plain !== quote : !(plain in ESCAPES);
      if (other) throw new Undecided(`escape \\${plain}`);
      return ESCAPES[plain];
    }
    const code = octal ? parseInt(octal, 8) : parseInt(x ?? u ?? U, 16);
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new Undecided("no such character");
    return String.fromCodePoint(code);
  });
}

class Parser {
  constructor(source) {
    this.tokens = tokens(source);
    this.at = 0;
    this.depth = 0;
  }

  get next() {
    return this.tokens[this.at];
  }

  is(...signs) {
    return this.next.kind === "sign" && signs.includes(this.next.value);
  }

  take(...signs) {
    return this.is(...signs) ? this.tokens[this.at++].value : "";
  }

  need(sign) {
    if (!this.take(sign)) throw new Undecided(`${sign} expected`);
  }

  name() {
    if (this.next.kind !== "name") throw new Undecided("a name expected");
    return this.tokens[this.at++].value;
  }

  whole() {
    const tree = this.expression();
    if (this.next.kind !== "end") throw new Undecided("something is left over");
    return tree;
  }

  expression() {
    if (++this.depth > DEPTH) throw new Undecided("too deep");
    const condition = this.either();
    let tree = condition;
    if (this.take("?")) {
      const then = this.either();
      this.need(":");
      tree = ["?", condition, then, this.expression()];
    }
    this.depth--;
    return tree;
  }

  chain(below, ...signs) {
    let tree = below.call(this);
    for (let sign = this.take(...signs); sign; sign = this.take(...signs)) tree = [sign, tree, below.call(this)];
    return tree;
  }

  either() {
    return this.chain(this.both, "||");
  }

  both() {
    return this.chain(this.relation, "&&");
  }

  relation() {
    return this.chain(this.sum, ...COMPARISONS);
  }

  sum() {
    return this.chain(this.product, "+", "-");
  }

  product() {
    return this.chain(this.unary, "*", "/", "%");
  }

  unary() {
    for (const sign of ["!", "-"]) {
      if (!this.is(sign)) continue;
      let count = 0;
      while (this.take(sign)) count++;
      const operand = this.member();
      if (sign === "-" && operand[0] === "literal" && ["bigint", "number"].includes(typeof operand[1]) && count === 1) return ["literal", -operand[1]];
      return count % 2 ? [sign === "!" ? "not" : "minus", operand] : operand;
    }
    return this.member();
  }

  member() {
    let tree = this.primary();
    for (;;) {
      if (this.take(".")) {
        const name = this.name();
        tree = this.take("(") ? this.call(name, tree, this.list(")")) : ["field", tree, name];
      } else if (this.take("[")) {
        tree = ["index", tree, this.expression()];
        this.need("]");
      } else return tree;
    }
  }

  primary() {
    if (this.next.kind === "literal") return ["literal", this.tokens[this.at++].value];
    if (this.next.kind === "name") {
      const name = this.name();
      return this.take("(") ? this.call(name, null, this.list(")")) : ["name", name];
    }
    if (this.take("(")) {
      const tree = this.expression();
      this.need(")");
      return tree;
    }
    if (this.take("[")) return ["list", this.list("]", true)];
    throw new Undecided("an expression expected"); // maps and messages are not for forms
  }

  list(end, trailing = false) {
    const found = [];
    while (!this.take(end)) {
      if (found.length) {
        this.need(",");
        if (trailing && this.take(end)) break;
      }
      found.push(this.expression());
    }
    return found;
  }

  call(name, target, args) {
    if (name === "has" && !target && args.length === 1) {
      if (args[0][0] !== "field") throw new Undecided("has() of something else than a field");
      return ["has", args[0][1], args[0][2]];
    }
    if (target && name in MACROS && (args.length === 2 || (name === "map" && args.length === 3))) {
      if (args[0][0] !== "name") throw new Undecided("a simple name expected");
      return ["each", name, target, args[0][1], args.at(-1), args.length === 3 ? args[1] : null];
    }
    return ["call", name, target, args];
  }
}

/** Read an expression; throws Undecided when it has what forms do not use. */
export function parse(source) {
  return new Parser(source).whole();
}
