/** What was still going on in an environment when it was frozen, told to whoever wrote the function. */
import type { Instant } from "../../core/environment/model.ts";
import { ageMsOf, commandOf, connectionsOf, isZombie, socketsOf, threadNamesOf, threadsOf } from "./process-table.ts";

/** Found when the environment was frozen, or (a late timer) when it was thawed. */
export interface LostWork {
  readonly kind: "child" | "connection" | "busy" | "timer" | "late-timer";
  /** One sentence. */
  readonly text: string;
}

export interface FrozenProcess {
  readonly pid: number;
  /** Whose it is: `The function`, `The extension "x"`; undefined for a process that one of them has started. */
  readonly owner?: string;
}

/** What was found at a freeze; what of it is late is known when the environment is thawed. */
export interface FreezeFinding {
  readonly lost: readonly LostWork[];
  readonly timers: readonly { readonly owner: string; readonly dueMs: number }[];
  /** So that a connection that is kept for reuse is told of once. */
  readonly connections: ReadonlySet<string>;
  /** Sockets that are nothing to tell of and stay so: outputs, and connections to the environment's API. */
  readonly plain: ReadonlySet<string>;
  readonly at: Instant;
}

export interface LostWorkFacts {
  /** `host:port` of the environment's API. */
  readonly api: string;
  /** Of the freeze before: connections that were told of, and sockets that need not be looked up again. */
  readonly known: ReadonlySet<string>;
  readonly plain: ReadonlySet<string>;
  readonly at: Instant;
}

const advice = "it goes on when the next invocation thaws the environment, or never";

/** Looks at processes that do not move. */
export function findLostWork(processes: readonly FrozenProcess[], facts: LostWorkFacts): FreezeFinding {
  const living = processes.filter(({ pid }) => !isZombie(pid));
  const found = living.map((each) => ({ ...each, ...connectionsBesides(each.pid, facts) }));
  const timers = found.flatMap(({ pid, owner, connections }) => {
    const dueMs = owner === undefined ? undefined : timerOf(pid, connections.length > 0);
    return owner === undefined || dueMs === undefined ? [] : [{ owner, dueMs }];
  });
  const lost = [
    ...living.flatMap(({ pid, owner }) => (owner === undefined && !isAsked(pid) ? [childOf(pid)] : [])),
    ...living.flatMap(({ pid, owner }) => (owner !== undefined && isBusy(pid) ? [busy(owner)] : [])),
    ...found.flatMap(({ owner, connections }) =>
      connections
        .filter(({ inode, unsentBytes }) => unsentBytes > 0 || !facts.known.has(inode))
        .map((connection) => openConnection(owner ?? "A child process", connection)),
    ),
    ...timers.map(({ owner, dueMs }) => pendingTimer(owner, dueMs)),
  ];
  const connections = new Set(found.flatMap((each) => each.connections.map(({ inode }) => inode)));
  const plain = new Set(found.flatMap((each) => each.plain));
  return { lost, timers, connections, plain, at: facts.at };
}

/** Timers whose time came while nothing could run. */
export function findLateTimers({ timers, at }: FreezeFinding, thawedAt: Instant): readonly LostWork[] {
  const frozenMs = thawedAt - at;
  return timers
    .filter(({ dueMs }) => frozenMs > dueMs)
    .map(({ owner, dueMs }) => ({
      kind: "late-timer",
      text: `${owner} had a timer that was due ${seconds(frozenMs - dueMs)} ago, while the environment was frozen: it goes off now`,
    }));
}

function childOf(pid: number): LostWork {
  return { kind: "child", text: `The child process "${commandOf(pid)}" was still running: ${advice}` };
}

function busy(owner: string): LostWork {
  return { kind: "busy", text: `${owner} was still computing after its answer: ${advice}` };
}

function openConnection(owner: string, { remote, unsentBytes }: { remote: string; unsentBytes: number }): LostWork {
  const unsent = unsentBytes === 0 ? "" : `, with ${unsentBytes} bytes on their way`;
  const text = `${owner} had a connection to ${remote} open${unsent}: if it was not kept for reuse, await what it is for before you return`;
  return { kind: "connection", text };
}

function pendingTimer(owner: string, dueMs: number): LostWork {
  const text = `${owner} had a timer set, due in ${seconds(dueMs)} or less: it does not run while the environment is frozen`;
  return { kind: "timer", text };
}

/** Most processes have nothing but plain sockets, and then the connections of the machine need not be read. */
function connectionsBesides(pid: number, { api, plain }: LostWorkFacts) {
  const sockets = socketsOf(pid);
  if (sockets.every(({ inode }) => plain.has(inode)))
    return { connections: [], plain: sockets.map(({ inode }) => inode) };
  const all = connectionsOf(pid, sockets);
  const outputs = sockets.filter(
    ({ descriptor, inode }) => descriptor <= 2 && all.every((each) => each.inode !== inode),
  );
  return {
    connections: all.filter(({ remote }) => remote !== api),
    plain: [...outputs, ...all.filter(({ remote }) => remote === api)].map(({ inode }) => inode),
  };
}

/** System calls in which event loops wait, with the place of their time-out in milliseconds. linux asm/unistd.h */
const waits: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  x64: { "232": 3, "281": 3, "7": 2 },
  arm64: { "22": 3 },
};

/**
 * V8 looks eight seconds after a collection whether another one is worth it, and for a step of one within milliseconds. From
 * outside such a timer and one of the function's own look the same, and we would rather say nothing.
 */
const engine = { timerMs: 8_000, stepMs: 20, slackMs: 200 } as const;

/** How long the first thread, where event loops run, meant to wait at most; undefined without a limit. */
function timerOf(pid: number, isConnected: boolean): number | undefined {
  const [call = "", ...values] = threadsOf(pid)[0] ?? [];
  const place = waits[process.arch]?.[call];
  if (place === undefined) return undefined;
  // An `int`: -1 is for ever.
  const ms = Number(BigInt.asIntN(32, BigInt(values[place] ?? "0xffffffff")));
  return ms < 0 || (isNode(pid) && (mayBeClients(ms, isConnected) || mayBeEngines(pid, ms))) ? undefined : ms;
}

/** HTTP clients watch over connections that they keep for reuse, at most for seconds. https://undici.nodejs.org */
function mayBeClients(dueMs: number, isConnected: boolean): boolean {
  return isConnected && dueMs <= engine.timerMs + engine.slackMs;
}

/** No timer of eight seconds that was set since the process began is due before the process is that old. */
function mayBeEngines(pid: number, dueMs: number): boolean {
  if (dueMs > engine.timerMs + engine.slackMs) return false;
  const ageMs = ageMsOf(pid);
  return ageMs === undefined || dueMs <= engine.stepMs || ageMs + dueMs >= engine.timerMs - engine.slackMs;
}

function isNode(pid: number): boolean {
  return threadNamesOf(pid).some((name) => /^(DelayedTaskSche|V8Worker|libuv-worker|node)/.test(name));
}

/** The number of `read`. linux asm/unistd.h */
const readCalls: Readonly<Record<string, string>> = { x64: "0", arm64: "63" };

/** Waits to be told what to do, as an interpreter that a runtime keeps: it has no work of its own that could be lost. */
function isAsked(pid: number): boolean {
  return threadsOf(pid)[0]?.[0] === readCalls[process.arch];
}

/** A thread that was stopped outside of any system call was at work. */
function isBusy(pid: number): boolean {
  return threadsOf(pid).some(([call]) => call === "-1" || call === "running");
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s`;
}
