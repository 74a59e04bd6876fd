// JSON Schema 2020-12 without compiling code (the content policy forbids that): `prepare` indexes a schema, what comes
// back tells the faults of a value as {keyword, path, limit}. Throws Undecided where it cannot follow.
import { Undecided } from "./undecided.js";
import { KEYWORDS, equal, isObject, pattern, typeIs } from "./schema_values.js";

const ONE = ["additionalProperties", "items", "contains", "not", "if", "then", "else", "propertyNames", "unevaluatedItems", "unevaluatedProperties", "contentSchema"];
const LISTS = ["allOf", "anyOf", "oneOf", "prefixItems"];
const MAPS = ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"];
const VALIDATION = "https://json-schema.org/draft/2020-12/vocab/validation";
const ROOT = "schema:///";
const DEPTH = 200;

/** What can be referred to: resources by address, each with its anchors. */
class Registry {
  resources = new Map();
  homes = new Map(); // schema object → its resource

  constructor(documents) {
    this.documents = documents;
  }

  add(schema, base) {
    const resource = { base, root: schema, anchors: new Map(), dynamic: new Map(), validates: true };
    this.resources.set(base, resource);
    if (isObject(schema)) resource.validates = this.#validates(schema.$schema, base);
    this.walk(schema, resource);
    return resource;
  }

  walk(schema, resource) {
    if (!isObject(schema) || this.homes.has(schema)) return;
    if (typeof schema.$id === "string" && schema !== resource.root) {
      const base = address(schema.$id, resource.base);
      const inner = { base, root: schema, anchors: new Map(), dynamic: new Map(), validates: resource.validates };
      if (schema.$schema) inner.validates = this.#validates(schema.$schema, base);
      this.resources.set(base, inner);
      resource = inner;
    }
    this.homes.set(schema, resource);
    if (schema.$anchor) resource.anchors.set(schema.$anchor, schema);
    if (schema.$dynamicAnchor) {
      resource.anchors.set(schema.$dynamicAnchor, schema);
      resource.dynamic.set(schema.$dynamicAnchor, schema);
    }
    for (const word of ONE) this.walk(schema[word], resource);
    for (const word of LISTS) for (const part of Array.isArray(schema[word]) ? schema[word] : []) this.walk(part, resource);
    for (const word of MAPS) for (const part of isObject(schema[word]) ? Object.values(schema[word]) : []) this.walk(part, resource);
  }

  /** Whether the dialect named by `$schema` has the keywords that refuse anything. */
  #validates(dialect, base) {
    if (!dialect || dialect === base) return true;
    const known = this.documents[dialect.replace(/#$/, "")]?.$vocabulary;
    return !known || VALIDATION in known;
  }

  resource(base) {
    const found = this.resources.get(base);
    if (found) return found;
    if (!(base in this.documents)) throw new Undecided(`no schema at ${base}`);
    const document = this.documents[base];
    return this.add(document, isObject(document) && document.$id ? address(document.$id, base) : base);
  }

  /** The schema that `reference`, written inside `home`, names; `anchor` when it was named by one. */
  resolve(reference, home) {
    const whole = new URL(reference, home.base);
    const fragment = decodeURIComponent(whole.hash.slice(1));
    whole.hash = "";
    const resource = this.resource(whole.href);
    if (fragment && !fragment.startsWith("/")) {
      const schema = resource.anchors.get(fragment);
      if (schema === undefined) throw new Undecided(`no anchor ${reference}`);
      return { schema, resource, anchor: fragment };
    }
    let schema = resource.root;
    let inside = resource;
    for (const step of fragment ? fragment.slice(1).split("/") : []) {
      schema = schema?.[step.replaceAll("~1", "/").replaceAll("~0", "~")];
      if (schema === undefined) throw new Undecided(`nothing at ${reference}`);
      inside = this.homes.get(schema) ?? inside;
    }
    this.walk(schema, inside);
    return { schema, resource: this.homes.get(schema) ?? inside, anchor: "" };
  }
}

function address(id, base) {
  const whole = new URL(id, base);
  whole.hash = "";
  return whole.href;
}

/** Which properties and items of a value were looked at by some keyword. */
class Seen {
  names = new Set();
  items = new Set();
  merge(other) {
    for (const name of other.names) this.names.add(name);
    for (const item of other.items) this.items.add(item);
  }
}

/** A judge for this schema: value → its faults. `documents` are other schemas by address. Formats say nothing
 * unless `formats` are given: format → whether a text has it. */
export function prepare(schema, { documents = {}, formats = null } = {}) {
  const registry = new Registry(documents);
  const base = isObject(schema) && typeof schema.$id === "string" ? address(schema.$id, ROOT) : ROOT;
  const home = registry.add(schema, base);
  return (value) => {
    const faults = [];
    new Judge(registry, formats).look(schema, value, [], [home], faults);
    return faults;
  };
}

class Judge {
  constructor(registry, formats) {
    this.registry = registry;
    this.formats = formats;
    this.depth = 0;
  }

  /** Judge one value by one schema; `scope` are the resources entered on the way. What was seen counts when no fault was. */
  look(schema, value, path, scope, faults) {
    const seen = new Seen();
    if (schema === true) return seen;
    if (schema === false) {
      faults.push({ keyword: "false", path });
      return seen;
    }
    if (!isObject(schema)) throw new Undecided("not a schema");
    if (++this.depth > DEPTH) throw new Undecided("too deep");
    const home = this.registry.homes.get(schema) ?? scope.at(-1);
    if (home !== scope.at(-1)) scope = [...scope, home];
    const within = { schema, value, path, scope, faults, seen };
    this.#references(within);
    this.#combinations(within);
    if (home.validates) this.#assertions(within);
    if (Array.isArray(value)) this.#items(within, home.validates);
    else if (isObject(value)) this.#properties(within, home.validates);
    this.depth--;
    return seen;
  }

  /** Judge the same value by another schema: its faults are faults here. */
  #also({ value, path, scope, faults, seen }, schema) {
    const found = [];
    const inner = this.look(schema, value, path, scope, found);
    faults.push(...found);
    if (!found.length) seen.merge(inner);
  }

  /** Whether the same value satisfies another schema; what it saw then counts. */
  #fits({ value, path, scope, seen }, schema, keep = true) {
    const found = [];
    const inner = this.look(schema, value, path, scope, found);
    if (keep && !found.length) seen.merge(inner);
    return !found.length;
  }

  #references(within) {
    const { schema, scope } = within;
    if (schema.$ref !== undefined) {
      const target = this.registry.resolve(schema.$ref, scope.at(-1));
      this.#also({ ...within, scope: [...scope, target.resource] }, target.schema);
    }
    if (schema.$dynamicRef !== undefined) {
      let target = this.registry.resolve(schema.$dynamicRef, scope.at(-1));
      if (target.anchor && target.resource.dynamic.get(target.anchor) === target.schema) {
        const outermost = scope.find((resource) => resource.dynamic.has(target.anchor));
        if (outermost) target = { schema: outermost.dynamic.get(target.anchor), resource: outermost };
      }
      this.#also({ ...within, scope: [...scope, target.resource] }, target.schema);
    }
  }

  #combinations(within) {
    const { schema, path, faults } = within;
    for (const part of schema.allOf ?? []) this.#also(within, part);
    if (schema.anyOf && !schema.anyOf.map((part) => this.#fits(within, part)).some(Boolean)) faults.push({ keyword: "anyOf", path });
    if (schema.oneOf && schema.oneOf.map((part) => this.#fits(within, part)).filter(Boolean).length !== 1) faults.push({ keyword: "oneOf", path });
    if (schema.not !== undefined && this.#fits(within, schema.not, false)) faults.push({ keyword: "not", path });
    if (schema.if !== undefined) {
      const branch = this.#fits(within, schema.if) ? schema.then : schema.else;
      if (branch !== undefined) this.#also(within, branch);
    }
  }

  #assertions({ schema, value, path, faults }) {
    if (schema.type !== undefined && ![schema.type].flat().some((type) => typeIs(type, value))) faults.push({ keyword: "type", path });
    if (schema.const !== undefined && !equal(schema.const, value)) faults.push({ keyword: "const", path });
    if (schema.enum !== undefined && !schema.enum.some((one) => equal(one, value))) faults.push({ keyword: "enum", path });
    const checks = KEYWORDS[Array.isArray(value) ? "array" : isObject(value) ? "object" : typeof value] ?? {};
    for (const [keyword, holds] of Object.entries(checks)) {
      const limit = schema[keyword];
      if (limit !== undefined && !holds(value, limit)) faults.push({ keyword, path, limit });
    }
    if (typeof value === "string" && schema.format !== undefined && this.formats && !this.#hasFormat(schema.format, value)) {
      faults.push({ keyword: "format", path, limit: schema.format });
    }
  }

  #hasFormat(format, value) {
    if (!(format in this.formats)) throw new Undecided(`format ${format}`);
    return this.formats[format](value);
  }

  #items(within, validates) {
    const { schema, value, path, scope, faults, seen } = within;
    const each = (part, number) => {
      const found = [];
      this.look(part, value[number], [...path, number], scope, found);
      faults.push(...found);
      seen.items.add(number);
    };
    const first = Math.min(schema.prefixItems?.length ?? 0, value.length);
    for (let number = 0; number < first; number++) each(schema.prefixItems[number], number);
    if (schema.items !== undefined) for (let number = first; number < value.length; number++) each(schema.items, number);
    if (schema.contains !== undefined) {
      let count = 0;
      value.forEach((item, number) => {
        const found = [];
        this.look(schema.contains, item, [...path, number], scope, found);
        if (found.length) return;
        count++;
        seen.items.add(number);
      });
      const least = validates ? (schema.minContains ?? 1) : 1;
      if (count < least || (validates && count > (schema.maxContains ?? Infinity))) faults.push({ keyword: "contains", path });
    }
    if (schema.unevaluatedItems !== undefined) {
      for (let number = 0; number < value.length; number++) if (!seen.items.has(number)) each(schema.unevaluatedItems, number);
    }
  }

  #properties(within, validates) {
    const { schema, value, path, scope, faults, seen } = within;
    const each = (part, name) => {
      const found = [];
      this.look(part, value[name], [...path, name], scope, found);
      faults.push(...found);
      seen.names.add(name);
    };
    const here = new Set();
    const names = Object.keys(value);
    for (const [name, part] of Object.entries(schema.properties ?? {})) {
      if (Object.hasOwn(value, name)) {
        each(part, name);
        here.add(name);
      }
    }
    for (const [text, part] of Object.entries(schema.patternProperties ?? {})) {
      for (const name of names.filter((one) => pattern(text).test(one))) {
        each(part, name);
        here.add(name);
      }
    }
    if (schema.additionalProperties !== undefined) {
      for (const name of names.filter((one) => !here.has(one))) each(schema.additionalProperties, name);
    }
    if (schema.propertyNames !== undefined) {
      for (const name of names) this.look(schema.propertyNames, name, path, scope, faults);
    }
    for (const [name, part] of Object.entries(schema.dependentSchemas ?? {})) {
      if (Object.hasOwn(value, name)) this.#also(within, part);
    }
    if (validates) {
      const needed = Object.entries(schema.dependentRequired ?? {}).filter(([name]) => Object.hasOwn(value, name));
      for (const name of [...(schema.required ?? []), ...needed.flatMap(([, others]) => others)]) {
        if (!Object.hasOwn(value, name)) faults.push({ keyword: "required", path, limit: name });
      }
    }
    if (schema.unevaluatedProperties !== undefined) {
      for (const name of names) if (!seen.names.has(name)) each(schema.unevaluatedProperties, name);
    }
  }
}
