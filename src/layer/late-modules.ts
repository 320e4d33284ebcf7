import type { AnyNode } from "acorn";
import type { Variable } from "eslint-scope";
import { Insertions } from "./insertions.ts";
import { type ModuleBinding, moduleBindings } from "./module-bindings.ts";
import type { ParsedProgram } from "./parsed-program.ts";
import { builtinName } from "./waiting-modules.ts";

/** A bundle in CommonJS with its source map. */
export interface ParsedBundle {
  readonly code: string;
  readonly map: Uint8Array | undefined;
  /** Undefined where nothing is known of it. */
  readonly parsed: ParsedProgram | undefined;
}

/** A bundle some of whose modules wait until they are touched. */
export interface LateBundle {
  readonly code: string;
  readonly map: Uint8Array | undefined;
  /** Which do, without `node:`. */
  readonly modules: readonly string[];
}

/**
 * Members that were taken out of a module, as in `const { request } = require("http")`, are those of the moment when it is
 * first touched: whoever puts others in their place has to touch it before, so they are the ones that would have been taken.
 */
const helper = `var bootlaceLate = ((waiting) => ({ \
members(module, load, ...names) { \
let taken; \
const take = (whole) => { taken = Object.fromEntries(names.map((name) => [name, whole[name]])); }; \
if (waiting.get(module) === "touched") take(load()); else waiting.set(module, [...waiting.get(module) ?? [], take]); \
return Object.fromEntries(names.map((name) => [name, () => { if (taken === undefined) load(); return taken[name]; }])); \
}, \
touched(module, whole) { \
const takers = waiting.get(module); \
waiting.set(module, "touched"); \
if (Array.isArray(takers)) for (const take of takers) take(whole); \
return whole; \
} }))(new Map()); `;

/**
 * Makes the modules of Node that `mayWait` load when they are first touched, and not where a bundle in CommonJS requires
 * them. What code then gets is the module itself, from the same `require`. All that is not known to mean the same stays.
 */
export function lateBundle(bundle: ParsedBundle, mayWait: (module: string) => boolean): LateBundle {
  const { code, map, parsed } = bundle;
  const asItWas = { code, map, modules: [] };
  if (code.includes("bootlaceLate") || code.includes("bootlaceModule")) return asItWas;
  const bindings = parsed === undefined ? [] : moduleBindings(parsed).filter(({ module }) => mayWait(module));
  if (parsed === undefined || bindings.length === 0) return asItWas;
  const insertions = new Insertions();
  for (const binding of bindings) defer(binding, insertions);
  for (const { variables } of bindings)
    for (const variable of variables) for (const use of usesOf(variable)) touch(use, parsed, insertions);
  tellOfTouches(bindings, parsed, insertions);
  return {
    code: insertions.into(code),
    map: map === undefined ? undefined : insertions.intoMap(map, code),
    modules: [...new Set(bindings.map(({ module }) => module))].sort(),
  };
}

function defer({ module, source, members }: ModuleBinding, insertions: Insertions): void {
  if (members === undefined) insertions.around(source, "((bootlaceModule) => () => bootlaceModule ??= ", ")()");
  else {
    const names = members.map((name) => JSON.stringify(name)).join(", ");
    insertions.around(source, `bootlaceLate.members(${JSON.stringify(module)}, () => `, `, ${names})`);
  }
}

/** Each place that reads it. The one that writes it is where it is bound. */
function usesOf(variable: Variable): readonly AnyNode[] {
  const uses = variable.references.filter((reference) => !reference.isWrite());
  // as: the nodes that the parser made.
  return uses.map(({ identifier }) => identifier as unknown as AnyNode);
}

/**
 * Reads the module in the place of the name. Before its binding was reached the name is undefined, as it always was: what
 * would have thrown still throws, and what would have seen undefined still sees it.
 */
function touch(use: AnyNode, { parentOf }: ParsedProgram, insertions: Insertions): void {
  const parent = parentOf(use);
  if (use.type !== "Identifier" || parent === undefined) return;
  if (parent.type === "Property" && parent.shorthand) insertions.after(use, `: ${use.name}?.()`);
  else if (isConstructed(use, parentOf)) insertions.around(use, "(", "())");
  else insertions.after(use, throwsWithout(use, parent) ? "()" : "?.()");
}

/** `new http.Agent()` calls `http.Agent`, and `new http().Agent()` would call `http`. */
function isConstructed(use: AnyNode, parentOf: ParsedProgram["parentOf"]): boolean {
  for (let node = use; ; ) {
    const parent = parentOf(node);
    if (parent?.type === "NewExpression") return parent.callee === node;
    const leads =
      (parent?.type === "MemberExpression" && parent.object === node) ||
      (parent?.type === "TaggedTemplateExpression" && parent.tag === node);
    if (parent === undefined || !leads) return false;
    node = parent;
  }
}

/** Of undefined, each of these is a TypeError. */
function throwsWithout(use: AnyNode, parent: AnyNode): boolean {
  switch (parent.type) {
    case "MemberExpression":
      return parent.object === use && !parent.optional;
    case "CallExpression":
      return parent.callee === use && !parent.optional;
    case "TaggedTemplateExpression":
      return true;
    case "ClassDeclaration":
    case "ClassExpression":
      return true;
    default:
      return false;
  }
}

/** Wherever a module is required out of which members are taken late. */
function tellOfTouches(bindings: readonly ModuleBinding[], parsed: ParsedProgram, insertions: Insertions): void {
  const taken = new Set(bindings.flatMap(({ module, members }) => (members === undefined ? [] : [module])));
  if (taken.size === 0) return;
  for (const name of parsed.free) {
    const call = parsed.parentOf(name);
    if (call?.type !== "CallExpression" || call.callee !== name) continue;
    const [specifier] = call.arguments;
    if (specifier?.type !== "Literal") continue;
    const module = builtinName(String(specifier.value));
    if (taken.has(module)) insertions.around(call, `bootlaceLate.touched(${JSON.stringify(module)}, `, ")");
  }
  const first = parsed.program.body.find((statement) => !("directive" in statement));
  if (first !== undefined) insertions.before(first, helper);
}
