import type { AnyNode } from "acorn";
import type { Variable } from "eslint-scope";
import type { ParsedProgram } from "./parsed-program.ts";
import { builtinName } from "./waiting-modules.ts";

/** Variables that a bundle binds once to a module, or to what it takes out of one, while it is loaded. */
export interface ModuleBinding {
  /** Without `node:`. */
  readonly module: string;
  readonly variables: readonly Variable[];
  /** What gives the module: `require("http")`, what a compiler puts around that, or the name of another binding. */
  readonly source: AnyNode;
  /** What is taken out of it, in the order of the variables. Undefined where the variable is the module. */
  readonly members?: readonly string[];
}

interface Assignment {
  readonly target: AnyNode;
  readonly value: AnyNode;
  readonly body: AnyNode;
}

/** What compilers put around a module: all that comes of it asks the module each time. */
const interoperability = /^(?:__toESM|__importDefault|_interopRequireDefault)\d*$/;

/** How esbuild writes down a file that is loaded when another one asks for it, once. */
const fileWrapper = /^__(?:commonJS|esm)(?:Min)?\d*$/;

/** Every binding that can wait without a difference, in the order of the program. */
export function moduleBindings(parsed: ParsedProgram): readonly ModuleBinding[] {
  const otherWays = otherWaysOf(parsed);
  if (otherWays.anotherRequire) return [];
  const bound = boundOnce(parsed);
  const requires = requireCalls(parsed);
  const assignments = assignmentsOf(parsed);
  const wholes = assignments.flatMap((assignment) => wholeBinding(assignment, bound, requires) ?? []);
  if (otherWays.anyModule) return wholes;
  const sources: Sources = { requires, wholes };
  const taken = assignments.flatMap((assignment) => memberBinding(assignment, bound, sources) ?? []);
  return [...wholes, ...taken.filter(({ module }) => !otherWays.modules.has(module))];
}

/** Ways to a module that are not a call of `require` with its name, after which nobody knows who has touched what. */
interface OtherWays {
  readonly anotherRequire: boolean;
  /** By a name that is made up at run time, or by another function. */
  readonly anyModule: boolean;
  /** By `import()`. */
  readonly modules: ReadonlySet<string>;
}

const otherFunctions: ReadonlySet<unknown> = new Set(["getBuiltinModule", "createRequire", "_load"]);
const harmless = new Set(["resolve", "main", "cache", "extensions"]);

function otherWaysOf({ nodes, free, parentOf }: ParsedProgram): OtherWays {
  const imports = nodes.flatMap((node) => (node.type === "ImportExpression" ? [node.source] : []));
  const requires = free.filter((name) => nameOf(name) === "require");
  return {
    anotherRequire: requires.some((name) => isWritten(name, parentOf(name))),
    anyModule:
      imports.some(({ type }) => type !== "Literal") ||
      requires.some((name) => !isPlain(name, parentOf(name))) ||
      nodes.some(isOtherWay),
    modules: new Set(imports.map((source) => (source.type === "Literal" ? builtinName(String(source.value)) : ""))),
  };
}

function isOtherWay(node: AnyNode): boolean {
  if (node.type === "MemberExpression") return nameOf(node.property) === "require";
  return otherFunctions.has(node.type === "Literal" ? node.value : nameOf(node));
}

function isWritten(name: AnyNode, parent: AnyNode | undefined): boolean {
  return (parent?.type === "AssignmentExpression" && parent.left === name) || parent?.type === "UpdateExpression";
}

function isPlain(name: AnyNode, parent: AnyNode | undefined): boolean {
  if (parent?.type === "CallExpression") return parent.callee === name && parent.arguments[0]?.type === "Literal";
  if (parent?.type === "MemberExpression") return !parent.computed && harmless.has(nameOf(parent.property));
  return parent?.type === "UnaryExpression" && parent.operator === "typeof";
}

/** Variables by the one place that writes them. */
function boundOnce({ variables }: ParsedProgram): ReadonlyMap<AnyNode, Variable> {
  return new Map(
    variables.flatMap((variable): [AnyNode, Variable][] => {
      const [write, ...more] = variable.references.filter((reference) => reference.isWrite());
      const [definition, ...others] = variable.defs;
      const once = more.length === 0 && others.length === 0 && definition?.type === "Variable";
      // as: the nodes that the parser made.
      return write !== undefined && once ? [[write.identifier as unknown as AnyNode, variable]] : [];
    }),
  );
}

/** Calls of the `require` that Node gives, with the names of modules without `node:`. */
function requireCalls({ free, parentOf }: ParsedProgram): ReadonlyMap<AnyNode, string> {
  return new Map(
    free.flatMap((name): [AnyNode, string][] => {
      const call = parentOf(name);
      if (name.type !== "Identifier" || name.name !== "require" || call?.type !== "CallExpression") return [];
      const [specifier, ...more] = call.arguments;
      const isName = specifier?.type === "Literal" && typeof specifier.value === "string" && more.length === 0;
      return call.callee === name && isName ? [[call, builtinName(String(specifier.value))]] : [];
    }),
  );
}

/** What stands at the top of the bundle and of each file in it, where it is reached once and without a condition. */
function assignmentsOf({ program, nodes }: ParsedProgram): readonly Assignment[] {
  return [program, ...nodes.flatMap(fileBody)].flatMap((body) => {
    if (body.type !== "Program" && body.type !== "BlockStatement") return [];
    return body.body.flatMap((statement): Assignment[] => {
      if (statement.type === "VariableDeclaration")
        return statement.declarations.flatMap(({ id, init }) => (init ? [{ target: id, value: init, body }] : []));
      const set = statement.type === "ExpressionStatement" ? statement.expression : undefined;
      if (set?.type !== "AssignmentExpression" || set.operator !== "=") return [];
      return [{ target: set.left, value: set.right, body }];
    });
  });
}

function fileBody(node: AnyNode): readonly AnyNode[] {
  if (node.type !== "CallExpression" || !fileWrapper.test(nameOf(node.callee))) return [];
  const [files] = node.arguments;
  const file = files?.type === "ObjectExpression" ? files.properties[0] : undefined;
  return file?.type === "Property" && file.value.type === "FunctionExpression" ? [file.value.body] : [];
}

function wholeBinding(
  { target, value }: Assignment,
  bound: ReadonlyMap<AnyNode, Variable>,
  requires: ReadonlyMap<AnyNode, string>,
): ModuleBinding | undefined {
  const variable = bound.get(target);
  const module = requires.get(insideOf(value));
  return variable === undefined || module === undefined ? undefined : { module, variables: [variable], source: value };
}

/** `require("http")` in `__toESM(require("http"), 1)` and `tslib_1.__importDefault(require("http"))`. */
function insideOf(value: AnyNode): AnyNode {
  if (value.type !== "CallExpression") return value;
  const { callee } = value;
  const name = callee.type === "MemberExpression" && !callee.computed ? nameOf(callee.property) : nameOf(callee);
  const [inside, ...more] = value.arguments;
  const isWrapped = interoperability.test(name) && more.every(({ type }) => type === "Literal");
  return isWrapped && inside !== undefined ? inside : value;
}

interface Sources {
  readonly requires: ReadonlyMap<AnyNode, string>;
  readonly wholes: readonly ModuleBinding[];
}

function memberBinding(
  { target, value }: Assignment,
  bound: ReadonlyMap<AnyNode, Variable>,
  sources: Sources,
): ModuleBinding | undefined {
  const taken = takenOut(target, value);
  const module = taken === undefined ? undefined : moduleOf(taken.source, sources);
  if (taken === undefined || module === undefined) return undefined;
  const variables = taken.targets.flatMap((name) => bound.get(name) ?? []);
  if (variables.length !== taken.targets.length) return undefined;
  return { module, variables, source: taken.source, members: taken.members };
}

interface TakenOut {
  readonly source: AnyNode;
  readonly targets: readonly AnyNode[];
  readonly members: readonly string[];
}

/** `const { request: ask, get } = SOURCE` and `const ask = SOURCE.request`. */
function takenOut(target: AnyNode, value: AnyNode): TakenOut | undefined {
  if (target.type === "Identifier")
    return value.type === "MemberExpression" && !value.computed && value.object.type !== "Super"
      ? { source: value.object, targets: [target], members: [nameOf(value.property)] }
      : undefined;
  if (target.type !== "ObjectPattern" || target.properties.length === 0) return undefined;
  const pairs = target.properties.flatMap((property) =>
    property.type === "Property" && !property.computed && property.value.type === "Identifier"
      ? [{ target: property.value, member: nameOf(property.key) }]
      : [],
  );
  if (pairs.length !== target.properties.length || pairs.some(({ member }) => member === "")) return undefined;
  return { source: value, targets: pairs.map(({ target }) => target), members: pairs.map(({ member }) => member) };
}

/** A `require`, or the name of a variable that is the module, or `.default` of what a compiler has put around it. */
function moduleOf(source: AnyNode, { requires, wholes }: Sources): string | undefined {
  const required = requires.get(source);
  if (required !== undefined) return required;
  const isDefault = source.type === "MemberExpression" && !source.computed && nameOf(source.property) === "default";
  const name = isDefault ? source.object : source;
  const whole = wholes.find(({ variables }) =>
    variables.some((one) => one.references.some((r) => r.identifier === name)),
  );
  if (whole === undefined || whole.source.start > name.start) return undefined;
  return isDefault === requires.has(whole.source) ? undefined : whole.module;
}

function nameOf(node: AnyNode): string {
  return node.type === "Identifier" ? node.name : "";
}
