import type { Effect } from "../core/environment/effect.ts";
import type { Environment, Settings } from "../core/environment/model.ts";
import type { PlatformRecord } from "../core/telemetry/record.ts";
import type { FaultPlan } from "../faults/fault.ts";
import type { Clock } from "../platform/clock.ts";
import type { InitializationType } from "../protocol/initialization-type.ts";
import { limits } from "../protocol/limits.ts";
import { type Profile, profiles } from "../protocol/profile.ts";
import type { LogLine } from "./environment-log.ts";
import type { JournalEntry, JournalFault } from "./journal.ts";
import type { ProcessFacts } from "./process-spec.ts";
import { externalExtensions } from "./programs.ts";
import type { StreamPace } from "./stream-pace.ts";
import type { Confinement, NetworkMode } from "./supervisor/confinement.ts";
import type { Folders } from "./supervisor/isolation.ts";
import type { LostWork } from "./supervisor/lost-work.ts";
import type { RootKind } from "./supervisor/root-folder.ts";
import type { Supervisor, SupervisorEvents } from "./supervisor/supervisor.ts";

/** Whoever wants to see what happens in an environment. */
export interface Observer {
  /** A line of the environment's log stream. */
  log?(line: LogLine): void;
  /** A platform record, as the step made it. */
  record?(record: PlatformRecord): void;
  /** Work that a freeze has interrupted, or that is late after it. */
  lostWork?(lost: readonly LostWork[]): void;
  /** A fault of the plan was carried out. */
  faulted?(entry: JournalFault): void;
  /** After each input, with what was done about it. */
  stepped?(entry: JournalEntry, effects: readonly Effect[], environment: Environment): void;
}

/** Where a debugger finds the runtime. */
export interface Debugging {
  /** `host:port` */
  readonly address: string;
  /** Whether the function's first line waits for the debugger. */
  readonly waits: boolean;
}

/** Longer than anybody looks at a breakpoint. */
const suspendedMs = 24 * 60 * 60 * 1000;

export interface EnvironmentOptions extends ProcessFacts {
  /** Whose Lambda this is like; today's, unless it says otherwise. */
  readonly profile?: Profile;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Told of the state after each input: for whoever places invocations. */
  readonly changed?: (environment: Environment) => void;
  /** In place of Lambda's ten seconds. */
  readonly initTimeoutMs?: number;
  readonly debugging?: Debugging | undefined;
  /** What goes wrong between the environment's API and its processes. */
  readonly faults?: FaultPlan | undefined;
  /** Slows streamed responses down. */
  readonly streamPace?: StreamPace | undefined;
  /** This machine's own unless told. */
  readonly network?: NetworkMode | undefined;
  /** All of them unless told. */
  readonly processors?: "all" | "share" | undefined;
  /** In place of real processes. */
  readonly supervise?: (events: SupervisorEvents) => Supervisor;
}

/** What the environment's processes are confined to. */
export function confinementOf(options: EnvironmentOptions): Confinement {
  const { isolation, folders, configuration, network, processors } = options;
  return {
    isolation,
    folders,
    memoryMb: configuration.memoryMb,
    tmpMb: configuration.tmpMb,
    root: rootOf(folders),
    network: network ?? "host",
    processors: processors ?? "all",
  };
}

export function rootOf({ root }: Pick<Folders, "root">): RootKind {
  return root === undefined ? { kind: "system" } : { kind: "image", folder: root };
}

/** What the core is told of an environment with these options. */
export function settingsOf(options: EnvironmentOptions): Settings {
  const { folders, configuration, debugging, profile = profiles.aws, initializationType = "on-demand" } = options;
  const timeoutMs = debugging === undefined ? configuration.timeoutMs : suspendedMs;
  const initLimit = debugging === undefined ? initLimitMs(initializationType, profile, timeoutMs) : suspendedMs;
  const { initTimeoutMs = initLimit, concurrency = 1 } = options;
  return {
    initializationType,
    timeoutMs,
    initTimeoutMs,
    externalExtensions: externalExtensions(folders),
    invocationsMax: profile.managed ? concurrency : 1,
    runtimeShutdownMs: profile.runtimeShutdownMs,
  };
}

/** Ten seconds on demand; an Init that nobody waits for may take longer. DG/lambda-runtime-environment.html */
function initLimitMs(initializationType: InitializationType, profile: Profile, timeoutMs: number): number {
  if (initializationType !== "on-demand") return Math.max(limits.initAheadTimeoutMsMin, timeoutMs);
  return profile.initLimit === "timeout" ? timeoutMs : limits.initTimeoutMs;
}

/** The official emulator says that all memory was used, so nobody needs to measure it. */
export function tellsMemory({ profile = profiles.aws, configuration }: EnvironmentOptions): boolean {
  return profile.logLines !== "rie" || configuration.logFormat === "JSON";
}
