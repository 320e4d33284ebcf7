/** Calls of the extensions: register, `next`, and the two ways to report an error. */
import type { ExtensionEventType } from "../../protocol/extension-event.ts";
import { limits } from "../../protocol/limits.ts";
import type { ExtensionStateName, Refusal } from "../../protocol/refusal.ts";
import {
  extensionRefusals,
  extensionTransitionRefused,
  invalidEventType,
  unknownExtension,
} from "../../protocol/refusal.ts";
import { unreachable } from "../../protocol/unreachable.ts";
import { refuse, type Stepped, stepped } from "./effect.ts";
import type { Input } from "./input.ts";
import type { CallId, Environment, Extension } from "./model.ts";
import { shutdownEvent } from "./shutdown.ts";
import { deadlineOf, extensionOf, extensionStateName, managed, own, withExtension } from "./views.ts";

type Register = Input & { type: "extension-register" };
type ExtensionError = Input & { type: "extension-error" };

/** POST /extension/register. Checked in RIE's order: the events, then state and limit. RIE rapi/handler/agentregister.go */
export function registerExtension(environment: Environment, input: Register): Stepped {
  const external = environment.settings.externalExtensions.includes(input.name);
  const refusal =
    eventsRefused(environment, input.events, external) ??
    (external ? externalRefused : internalRefused)(environment, input.name);
  if (refusal !== undefined) return refuse(environment, input.call, refusal);
  const events = input.events.filter(isEventType);
  const kind = external ? "external" : "internal";
  const registered: Extension = { at: "registered", kind, identifier: input.identifier, events };
  return stepped(withExtension(environment, input.name, registered), {
    type: "answer-call",
    call: input.call,
    answer: { type: "registered", name: input.name, identifier: input.identifier },
  });
}

function isEventType(event: string): event is ExtensionEventType {
  return event === "INVOKE" || event === "SHUTDOWN";
}

/** Managed Instances know no INVOKE, and internal extensions no events at all. RIE lambda-managed-instances/rapi/handler/agentregister.go */
function eventsRefused(environment: Environment, events: readonly string[], external: boolean): Refusal | undefined {
  if (managed(environment)) {
    if (!external) return events.length > 0 ? extensionRefusals.internalEvents : undefined;
    const other = events.find((event) => event !== "SHUTDOWN");
    return other === undefined ? undefined : invalidEventType(other);
  }
  const unknown = events.find((event) => !isEventType(event));
  if (unknown !== undefined) return invalidEventType(unknown);
  return !external && events.includes("SHUTDOWN") ? extensionRefusals.internalShutdown : undefined;
}

function externalRefused(environment: Environment, name: string): Refusal | undefined {
  const extension = own(environment.extensions, name);
  if (extension?.at === "launched") return full(environment) ? extensionRefusals.tooMany : undefined;
  const from = extension === undefined ? "Exited" : extensionStateName(extension);
  return extensionTransitionRefused(from, "Registered", name);
}

function internalRefused(environment: Environment, name: string): Refusal | undefined {
  const { phase, runtime } = environment;
  if (phase.at !== "init" || (runtime.at !== "absent" && runtime.at !== "started" && runtime.at !== "init-error"))
    return extensionRefusals.registrationClosed;
  if (own(environment.extensions, name) !== undefined) return extensionRefusals.nameTaken;
  return full(environment) ? extensionRefusals.tooMany : undefined;
}

function full(environment: Environment): boolean {
  const registered = Object.values(environment.extensions).filter((extension) => extension.at !== "launched");
  return registered.length >= limits.extensionsMax;
}

/** GET /extension/event/next: "I am ready" the first time, "I am done" later; waits, or gets the event it is owed. */
export function extensionNext(environment: Environment, call: CallId, identifier: string): Stepped {
  const found = extensionOf(environment, identifier);
  if (found === undefined) return refuse(environment, call, unknownExtension(identifier));
  const [name, extension] = found;
  switch (extension.at) {
    case "ready":
    case "init-error":
    case "exit-error":
      return refuse(environment, call, extensionTransitionRefused(extensionStateName(extension), "Ready", identifier));
    case "registered":
    case "running":
    case "away":
      return wait(environment, call, name, extension);
    default:
      return unreachable(extension);
  }
}

function wait(
  environment: Environment,
  call: CallId,
  name: string,
  extension: Extension & { at: "registered" | "running" | "away" },
): Stepped {
  const { phase } = environment;
  const { kind, identifier, events } = extension;
  const registered = { kind, identifier, events } as const;
  const told = extension.at === "running" && extension.event === "SHUTDOWN";
  if (phase.at === "shutdown" && phase.stage === "extensions" && events.includes("SHUTDOWN") && !told) {
    const running = withExtension(environment, name, { ...registered, at: "running", event: "SHUTDOWN" });
    return stepped(running, shutdownEvent(phase, call));
  }
  const owed = extension.at === "away" && phase.at === "invoke" ? extension.owed : undefined;
  const [requestId, invocation] = Object.entries(environment.invocations)[0] ?? [];
  if (owed === undefined || requestId === undefined || invocation?.startedAt === undefined) {
    return stepped(withExtension(environment, name, { ...registered, at: "ready", call }));
  }
  const deadlineAt = deadlineOf(environment, invocation.startedAt);
  return stepped(withExtension(environment, name, { ...registered, at: "running", event: owed }), {
    type: "answer-call",
    call,
    answer: { type: "invoke-event", requestId, deadlineAt },
  });
}

/** POST /extension/init/error and /extension/exit/error: noted; what happens next is up to the process's exit. */
export function extensionError(environment: Environment, input: ExtensionError): Stepped {
  const found = extensionOf(environment, input.identifier);
  if (found === undefined) return refuse(environment, input.call, extensionRefusals.unknownIdentifierOnError);
  const [name, extension] = found;
  if (!mayReport(extension, input.report)) {
    const to: ExtensionStateName = input.report === "init-error" ? "InitError" : "ExitError";
    return refuse(
      environment,
      input.call,
      extensionTransitionRefused(extensionStateName(extension), to, input.identifier),
    );
  }
  const { kind, identifier, events } = extension;
  const reported: Extension = { at: input.report, kind, identifier, events, errorType: input.errorType };
  return stepped(withExtension(environment, name, reported), {
    type: "answer-call",
    call: input.call,
    answer: { type: "accepted" },
  });
}

function mayReport(extension: Extension, report: "init-error" | "exit-error"): boolean {
  if (extension.at === report || extension.at === "registered") return true;
  return report === "exit-error" && (extension.at === "ready" || extension.at === "away" || extension.at === "running");
}
