import { type AnyNode, parse } from "acorn";
import { analyze, type Variable } from "eslint-scope";

/** A CommonJS program with what each of its names stands for. */
export interface ParsedProgram {
  readonly program: Extract<AnyNode, { type: "Program" }>;
  /** Those that `eval` might see have no references here. */
  readonly variables: readonly Variable[];
  /** Uses of names that the program does not declare. */
  readonly free: readonly AnyNode[];
  readonly nodes: readonly AnyNode[];
  parentOf(node: AnyNode): AnyNode | undefined;
}

/** From here on a program takes seconds and a gigabyte to be examined, which is not worth the milliseconds. */
const codeLengthMax = 16_000_000;

/**
 * Undefined where nobody can tell what the names stand for: there is a `with`, the parser does not know the language, or the
 * program is too large or too deep.
 */
export function parsedProgram(code: string): ParsedProgram | undefined {
  if (code.length > codeLengthMax) return undefined;
  try {
    return examined(code);
  } catch (error) {
    // One is the parser's, the other the stack's.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function examined(code: string): ParsedProgram | undefined {
  const program = parse(code, { ecmaVersion: "latest", sourceType: "commonjs", allowHashBang: true, ranges: true });
  const parents = new Map<AnyNode, AnyNode | undefined>([[program, undefined]]);
  // A map lists what is added while it is walked.
  for (const [node] of parents) for (const child of childrenOf(node)) parents.set(child, node);
  const nodes = [...parents.keys()];
  if (nodes.some(({ type }) => type === "WithStatement")) return undefined;
  // as: the same syntax, of which either library has types of its own.
  const tree = program as unknown as Parameters<typeof analyze>[0];
  const { scopes, globalScope } = analyze(tree, { ecmaVersion: 2025, sourceType: "commonjs" });
  return {
    program,
    variables: scopes.flatMap(({ variables }) => variables),
    // as: the nodes that it was given.
    free: (globalScope?.through ?? []).map(({ identifier }) => identifier as unknown as AnyNode),
    nodes,
    parentOf: (node) => parents.get(node),
  };
}

function childrenOf(node: AnyNode): readonly AnyNode[] {
  return Object.values(node).flatMap((value) =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}
