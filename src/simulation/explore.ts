/**
 * Exhaustive search: every input in every reachable state of an environment, with the clock standing still and any set
 * alarm free to ring. Throws at the first broken promise, with the shortest way there.
 */

import type { Input } from "../core/environment/input.ts";
import { checkInvariants, heldCalls } from "../core/environment/invariants.ts";
import { type Environment, newEnvironment, type Settings } from "../core/environment/model.ts";
import { step } from "../core/environment/step.ts";
import { book, emptyLedger, type Ledger } from "./ledger.ts";
import { moves, type Scope } from "./moves.ts";

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** Phase before, kind of input, phase after: the edges of the state diagram, each once. */
  readonly edges: readonly PhaseEdge[];
}

export interface PhaseEdge {
  readonly from: string;
  readonly input: Input["type"];
  readonly to: string;
}

/** The way to a broken promise: inputs that lead there, in order. */
export class CounterexampleError extends Error {
  readonly code = "COUNTEREXAMPLE";
  readonly path: readonly Input[];

  constructor(path: readonly Input[], cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${reason}\n${path.map((input) => `  ${JSON.stringify(input)}`).join("\n")}`, { cause });
    this.path = path;
  }
}

interface Node {
  readonly environment: Environment;
  readonly ledger: Ledger;
  readonly reachedBy?: { readonly parent: Node; readonly input: Input };
}

export interface ExploreOptions {
  /** Bounds a search that would not close. */
  readonly statesMax?: number;
  /** What is searched, in place of the core's own step. */
  readonly step?: typeof step;
}

/** Searches breadth first. */
export function explore(settings: Settings, scope: Scope, options: ExploreOptions = {}): Exploration {
  const { statesMax = 1_000_000 } = options;
  const first: Node = { environment: newEnvironment(settings), ledger: emptyLedger };
  const seen = new Set([keyOf(first)]);
  const edges = new Map<string, PhaseEdge>();
  const queue = [first];
  let transitions = 0;
  for (const node of queue) {
    for (const input of moves(node.environment, node.ledger, scope)) {
      transitions += 1;
      const next = follow(node, input, options.step ?? step);
      const edge = { from: phaseName(node.environment), input: input.type, to: phaseName(next.environment) };
      edges.set(Object.values(edge).join(), edge);
      const key = keyOf(next);
      if (seen.has(key)) continue;
      if (seen.size >= statesMax) throw new Error(`The search did not close within ${statesMax} states`);
      seen.add(key);
      queue.push(next);
    }
  }
  return { states: seen.size, transitions, edges: [...edges.values()] };
}

function follow(parent: Node, input: Input, take: typeof step): Node {
  try {
    const [environment, effects] = take(parent.environment, input, 0);
    checkInvariants(environment);
    return { environment, ledger: book(parent.ledger, input, effects, environment), reachedBy: { parent, input } };
  } catch (cause) {
    throw new CounterexampleError([...pathTo(parent), input], cause);
  }
}

function pathTo(node: Node): readonly Input[] {
  return node.reachedBy === undefined ? [] : [...pathTo(node.reachedBy.parent), node.reachedBy.input];
}

/** Texts and figures that no decision reads, and what never changes. */
const ignored = new Set(["cause", "errorType", "initDurationMs", "restoreDurationMs", "settings"]);

/**
 * Equal for states that differ only in how calls are numbered or in texts that no decision reads. Calls are renumbered
 * in the order in which the environment holds them.
 */
function keyOf(node: Node): string {
  const { environment, ledger } = node;
  const held = heldCalls(environment);
  const environmentKey = JSON.stringify(environment, (key, value) => {
    if (ignored.has(key)) return undefined;
    if (key === "call") return held.indexOf(value);
    return key === "nextCalls" ? value.length : value;
  });
  return `${environmentKey} ${[...ledger.processes].sort()} ${[...ledger.alarms].sort()} ${ledger.owed}`;
}

/** A phase with what distinguishes it for a reader: which Init it is, how a shutdown ends. */
export function phaseName(environment: Environment): string {
  const { phase } = environment;
  switch (phase.at) {
    case "cold":
    case "init":
      return phase.initPhase === "init" ? phase.at : `${phase.at}-in-invoke`;
    case "shutdown":
      return phase.next === "reset" ? "reset" : "shutdown";
    default:
      return phase.at;
  }
}
