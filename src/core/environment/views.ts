/** Questions about an environment that several steps ask. */
import type { ExtensionStateName, RuntimeStateName } from "../../protocol/refusal.ts";
import { unreachable } from "../../protocol/unreachable.ts";
import type {
  CallId,
  ColdStart,
  Environment,
  Extension,
  Instant,
  Invocation,
  ProcessName,
  ProcessorShare,
  RequestId,
  Runtime,
} from "./model.ts";
import { after } from "./model.ts";

/** `record[key]` where `key` is a stranger's text, so that `__proto__` finds nothing. */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The processes that the world has started and that have not exited. */
export function processesAlive(environment: Environment): readonly ProcessName[] {
  const externals = Object.entries(environment.extensions)
    .filter(([, extension]) => extension.kind === "external" && extension.at !== "exited")
    .map(([name]): ProcessName => `extension:${name}`);
  return environment.runtime.at === "absent" ? externals : ["runtime", ...externals];
}

export function withExtension(environment: Environment, name: string, extension: Extension): Environment {
  return { ...environment, extensions: { ...environment.extensions, [name]: extension } };
}

export function withoutInvocation(environment: Environment, requestId: RequestId): Environment {
  const { [requestId]: _, ...invocations } = environment.invocations;
  return { ...environment, invocations };
}

export function withInvocation(environment: Environment, requestId: RequestId, invocation: Invocation): Environment {
  return { ...environment, invocations: { ...environment.invocations, [requestId]: invocation } };
}

export function withRuntime(environment: Environment, runtime: Runtime): Environment {
  return { ...environment, runtime };
}

export function withoutProcess(environment: Environment, process: ProcessName): Environment {
  if (process === "runtime") return withRuntime(environment, { at: "absent" });
  return withExtension(environment, process.slice("extension:".length), { at: "exited", kind: "external" });
}

/** When the invocation that began at `startedAt` times out; its deadline, as runtime and extensions are told. */
export function deadlineOf(environment: Environment, startedAt: Instant): Instant {
  return after(startedAt, environment.settings.timeoutMs);
}

/** An Init phase has the machine's processors to itself, whatever memory was paid for: see docs/ISOLATION.md. */
export function processorShare({ phase }: Environment): ProcessorShare {
  return phase.at === "cold" || phase.at === "init" ? "all" : "function";
}

/** Invocations side by side, never frozen, never reset. */
export function managed({ settings }: Environment): boolean {
  return settings.initializationType === "lambda-managed-instances";
}

/** Whether a failed Init is repeated inside the invocation that waits for it, or in which the next one finds it. */
export function repeatsInit({ settings }: Environment): boolean {
  return settings.initializationType === "on-demand" || settings.initializationType === "provisioned-concurrency";
}

/** Whether nothing runs in it though its processes are there. */
export function frozen(environment: Environment): boolean {
  const { at } = environment.phase;
  return at === "snapshot" || (at === "idle" && !managed(environment));
}

/** What a REPORT says of the time before its invocation. */
export function coldStartOf({ initDurationMs, restoreDurationMs }: ColdStart): ColdStart {
  return {
    ...(initDurationMs === undefined ? {} : { initDurationMs }),
    ...(restoreDurationMs === undefined ? {} : { restoreDurationMs }),
  };
}

/**
 * How many more invocations may be placed here now. One that initialises takes as many as it will have room for, except
 * where it was made ahead: those that come meanwhile have environments of their own.
 */
export function slotsOf(environment: Environment): number {
  const { settings, phase, runtime } = environment;
  const invocations = Object.values(environment.invocations);
  const room = settings.invocationsMax - invocations.length;
  switch (phase.at) {
    case "cold":
    case "snapshot":
      return room;
    case "init":
      return settings.initializationType === "provisioned-concurrency" ? 0 : room;
    case "idle":
    case "invoke": {
      if (!managed(environment)) return room;
      const waiting = runtime.at === "serving" ? runtime.nextCalls.length : 0;
      return Math.min(room, waiting);
    }
    case "restore":
    case "shutdown":
    case "closed":
      return 0;
    default:
      return unreachable(phase);
  }
}

/** The name and state of the extension that holds `identifier`. */
export function extensionOf(
  environment: Environment,
  identifier: string,
): readonly [string, Exclude<Extension, { at: "launched" | "exited" }>] | undefined {
  for (const [name, extension] of Object.entries(environment.extensions)) {
    if (extension.at === "launched" || extension.at === "exited") continue;
    if (extension.identifier === identifier) return [name, extension];
  }
  return undefined;
}

/** The request id whose answer arrives on `call`. */
export function answeringOn(environment: Environment, call: CallId): RequestId | undefined {
  return Object.entries(environment.invocations).find(
    ([, invocation]) => invocation.at === "answering" && invocation.call === call,
  )?.[0];
}

/** The runtime's state as refusals spell it; with one invocation in hand it is that invocation's. */
export function runtimeStateName(environment: Environment): RuntimeStateName {
  const { runtime } = environment;
  if (runtime.at === "absent" || runtime.at === "started") return "Started";
  if (runtime.at === "init-error") return "InitError";
  if (runtime.at === "restore-ready") return "RestoreReady";
  if (runtime.at === "restoring") return "Restoring";
  if (runtime.at === "restore-error") return "RuntimeRestoreErrorState";
  if (managed(environment)) return "Ready";
  for (const invocation of Object.values(environment.invocations)) {
    if (invocation.at !== "pending") return stateNameDuring(invocation);
  }
  return "Ready";
}

function stateNameDuring(invocation: Exclude<Invocation, { at: "pending" }>): RuntimeStateName {
  switch (invocation.at) {
    case "delivered":
      return "Running";
    case "answering":
      return invocation.answer === "error" ? "InvocationErrorResponse" : "InvocationResponse";
    case "spoiled":
      return "InvocationResponse";
    case "answered":
      return invocation.runtimeDoneAt === undefined ? "RuntimeResponseSentState" : "Ready";
    default:
      return unreachable(invocation);
  }
}

/** An extension's state as refusals and `platform.extension` records spell it. */
export function extensionStateName(extension: Extension): ExtensionStateName {
  switch (extension.at) {
    case "launched":
      return "Started";
    case "registered":
      return "Registered";
    case "ready":
    case "away":
      return "Ready";
    case "running":
      return "Running";
    case "init-error":
      return "InitError";
    case "exit-error":
      return "ExitError";
    case "exited":
      return "Exited";
    default:
      return unreachable(extension);
  }
}
