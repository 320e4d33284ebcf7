/** What of a function's confinement this machine cannot keep. Said once, in one line and as data; never dropped in silence. */
import { tmpdir } from "node:os";
import { limits } from "../../protocol/limits.ts";
import { controllersOfThisMachine } from "./cgroup.ts";
import { type Confinement, tmpKindOf } from "./confinement.ts";
import { descriptorsStay } from "./inherited.ts";
import { doorProblem, natProblem } from "./network.ts";

export interface NotEnforced {
  /** The limit or the wall that is missing. */
  readonly what: string;
  readonly why: string;
}

type Asked = Omit<Confinement, "folders">;

/** A function that was to be confined in a way that this machine does not offer; `code` is `CANNOT_CONFINE`. */
export class CannotConfineError extends Error {
  readonly code = "CANNOT_CONFINE";
}

export function notEnforced(asked: Asked): readonly NotEnforced[] {
  const open = descriptorsStay() ? [{ what: "no inherited descriptors", why: '"bash" is not installed' }] : [];
  return [
    ...open,
    ...(asked.isolation.kind === "none" ? nothingEnforced(asked.isolation.reason, asked) : partly(asked)),
  ];
}

/** In one line, or undefined where everything is kept. */
export function notEnforcedLine(list: readonly NotEnforced[]): string | undefined {
  if (list.length === 0) return undefined;
  const reasons = [...new Set(list.map(({ why }) => why))];
  const grouped = reasons.map((reason) => {
    const whats = list.filter(({ why }) => why === reason).map(({ what }) => what);
    return `${whats.join(", ")} (${reason})`;
  });
  return `Not enforced on this machine: ${grouped.join("; ")}`;
}

/** Throws where a wall was asked for by name that cannot be built: a function must not get out by mistake. */
export function checkConfinement({ isolation, network, root }: Asked): void {
  if (isolation.kind === "none") {
    if (network !== "host")
      throw new CannotConfineError(`Cannot give the function a network of its own (${isolation.reason}): use "host"`);
    if (root.kind === "image")
      throw new CannotConfineError(`Cannot use "${root.folder}" as the root (${isolation.reason}): run it on Linux`);
  }
  const closed = network === "host" ? undefined : doorProblem(tmpdir());
  if (closed !== undefined) throw new CannotConfineError(`Cannot give the function a network of its own: ${closed}`);
  const problem = network === "nat" ? natProblem() : undefined;
  if (problem !== undefined)
    throw new CannotConfineError(`Cannot give the function's network a way out: ${problem}; use "none" or "host"`);
}

/** What stands between the function and others in this kind of network, in one line. */
export function networkLine(network: Confinement["network"]): string {
  return {
    host: "Network: this machine's. Programs of this machine can reach the environment's API and its telemetry listeners, and environments share ports",
    none: "Network: the environment's own, with nothing in it but its API, which nobody else can reach; telemetry goes to listeners inside",
    nat: "Network: the environment's own, with a way out and its API, which nobody else can reach; it cannot reach this machine's loopback address",
  }[network];
}

const tasks = `${limits.tasksMax.toLocaleString("en-US")} processes`;
const descriptors = `${limits.descriptorsMax.toLocaleString("en-US")} descriptors`;

function nothingEnforced(why: string, { processors }: Asked): readonly NotEnforced[] {
  const walls = ["/var/task and /opt by their own paths, read-only", "an unprivileged user", "process ids of its own"];
  const sizes = ["memory", tasks, descriptors, "the size of /tmp"];
  const share = processors === "share" ? ["the share of the processor"] : [];
  return [...walls, ...sizes, ...share].map((what) => ({ what, why }));
}

function partly(asked: Asked): readonly NotEnforced[] {
  const { isolation, processors } = asked;
  const user = isolation.kind === "mounts" && isolation.as === "user";
  const offered = user ? new Set() : controllersOfThisMachine();
  const why = (controller: string) => (user ? "only root can" : `no control group for ${controller}`);
  return [
    ...(offered.has("memory") ? [] : [{ what: "memory", why: why("memory") }]),
    ...(processors === "all" || offered.has("cpu") ? [] : [{ what: "the share of the processor", why: why("cpu") }]),
    ...(user || offered.has("pids") ? [] : [{ what: tasks, why: why("pids") }]),
    ...(tmpKindOf(asked) === "folder" ? [{ what: "the size of /tmp", why: "no loop devices" }] : []),
  ];
}
