/** What is true of an execution environment after every step. Checked in simulation, in exploration and while running. */
import { invariant } from "../../protocol/unreachable.ts";
import type { CallId, Environment } from "./model.ts";
import { frozen, managed, processesAlive, slotsOf } from "./views.ts";

/** Throws with the promise that is broken; that is a bug of ours. */
export function checkInvariants(environment: Environment): void {
  for (const [promise, holds] of promises) invariant(holds(environment), promise);
}

const promises: readonly (readonly [string, (environment: Environment) => boolean])[] = [
  ["no more invocations are in hand than fit", (e) => Object.keys(e.invocations).length <= e.settings.invocationsMax],
  [
    "a cold or closed environment has no processes and no extensions",
    (e) => !resting(e) || (processesAlive(e).length === 0 && Object.keys(e.extensions).length === 0),
  ],
  [
    "nothing is in hand in a cold, frozen, idle or closed environment",
    (e) => !(resting(e) || frozen(e) || e.phase.at === "idle") || Object.keys(e.invocations).length === 0,
  ],
  [
    "an idle environment is initialised: the runtime has called next",
    (e) => e.phase.at !== "idle" || e.runtime.at === "serving",
  ],
  [
    "in an environment at rest every extension has come back to next, or has said that it will exit",
    (e) =>
      !(e.phase.at === "idle" || e.phase.at === "snapshot") ||
      managed(e) ||
      extensionsAre(e, ["ready", "away", "exit-error"]),
  ],
  ["an Invoke phase has an invocation, and its clock runs", (e) => e.phase.at !== "invoke" || started(e)],
  ["an Invoke phase has a runtime that serves", (e) => e.phase.at !== "invoke" || e.runtime.at === "serving"],
  ["a runtime that waits is handed the event that waits", (e) => !(e.phase.at === "invoke" && waits(e) && pending(e))],
  [
    "a snapshot is taken of a runtime that waits for it, or has passed it",
    (e) => e.phase.at !== "snapshot" || ["restore-ready", "serving"].includes(e.runtime.at),
  ],
  [
    "a restore has an invocation that waits and has not begun, or a runtime that said it failed",
    (e) => e.phase.at !== "restore" || e.runtime.at === "restore-error" || (pending(e) && !started(e)),
  ],
  [
    "snapshots are of SnapStart",
    (e) =>
      e.settings.initializationType === "snap-start" ||
      !(e.phase.at === "snapshot" || e.phase.at === "restore" || /^restor/.test(e.runtime.at)),
  ],
  [
    "several invocations, and late ones, are of Managed Instances",
    (e) => managed(e) || (e.settings.invocationsMax === 1 && e.late.length === 0),
  ],
  [
    "on Managed Instances what has an outcome is not in hand",
    (e) => !managed(e) || !Object.values(e.invocations).some((x) => x.at === "answered" || x.at === "spoiled"),
  ],
  ["each invocation is late once", (e) => new Set(e.late).size === e.late.length],
  ["on Managed Instances nobody resets", (e) => !managed(e) || e.phase.at !== "shutdown" || e.phase.next === "close"],
  ["there is no room for fewer than none", (e) => slotsOf(e) >= 0],
  [
    "the runtime starts when every external extension has registered",
    (e) => !(e.phase.at === "init" && e.runtime.at !== "absent") || !extensionsAre(e, ["launched"], "some"),
  ],
  ["each held call is held once", (e) => new Set(heldCalls(e)).size === heldCalls(e).length],
  ["identifiers of extensions are unique", (e) => new Set(identifiers(e)).size === identifiers(e).length],
  [
    "an event is owed during Invoke only to an extension that asked for it",
    (e) =>
      Object.values(e.extensions).every((x) => x.at !== "away" || x.owed === undefined || x.events.includes(x.owed)),
  ],
  [
    "no internal extension works on a SHUTDOWN",
    (e) =>
      Object.values(e.extensions).every((x) => x.kind === "external" || x.at !== "running" || x.event !== "SHUTDOWN"),
  ],
  ["a shutdown ends when nobody is left", (e) => e.phase.at !== "shutdown" || processesAlive(e).length > 0],
];

function resting(environment: Environment): boolean {
  return environment.phase.at === "cold" || environment.phase.at === "closed";
}

function started(environment: Environment): boolean {
  const invocations = Object.values(environment.invocations);
  return invocations.length > 0 && invocations.every((invocation) => invocation.startedAt !== undefined);
}

function waits(environment: Environment): boolean {
  return environment.runtime.at === "serving" && environment.runtime.nextCalls.length > 0;
}

function pending(environment: Environment): boolean {
  return Object.values(environment.invocations).some((invocation) => invocation.at === "pending");
}

function extensionsAre(environment: Environment, states: readonly string[], how: "every" | "some" = "every"): boolean {
  return Object.values(environment.extensions)[how]((extension) => states.includes(extension.at));
}

/** Every call that the environment holds open, in no order. */
export function heldCalls(environment: Environment): readonly CallId[] {
  const { runtime, extensions, invocations } = environment;
  const restore = runtime.at === "restore-ready" && runtime.call !== undefined ? [runtime.call] : [];
  const nexts = runtime.at === "serving" ? runtime.nextCalls : restore;
  const ready = Object.values(extensions).flatMap((extension) => (extension.at === "ready" ? [extension.call] : []));
  const answers = Object.values(invocations).flatMap((invocation) =>
    invocation.at === "answering" ? [invocation.call] : [],
  );
  return [...nexts, ...ready, ...answers];
}

function identifiers(environment: Environment): readonly string[] {
  return Object.values(environment.extensions).flatMap((extension) =>
    extension.at === "launched" || extension.at === "exited" ? [] : [extension.identifier],
  );
}
