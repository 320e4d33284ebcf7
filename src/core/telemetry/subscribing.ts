/** Who may subscribe to telemetry, when, and how long a subscription lives. */
import { type Refusal, subscriptionClosed, unknownExtension } from "../../protocol/refusal.ts";
import type { TelemetryApi } from "../../protocol/telemetry.ts";
import type { Environment } from "../environment/model.ts";
import { extensionOf } from "../environment/views.ts";

/** An extension by its name and the identifier of this life of it. */
export interface Subscribing {
  readonly name: string;
  readonly identifier: string;
}

/** The extension behind an identifier, while Init runs: until the runtime and all extensions have asked for `next`. */
export function subscribing(environment: Environment, identifier: string, api: TelemetryApi): Subscribing | Refusal {
  const found = extensionOf(environment, identifier);
  if (found === undefined) return unknownExtension(identifier);
  return environment.phase.at === "init" ? { name: found[0], identifier } : subscriptionClosed(api);
}

/** Whether anybody can be there to listen: a process that has exited cannot, nor a thread of one. */
export function listens(environment: Environment, { name, identifier }: Subscribing): boolean {
  const found = extensionOf(environment, identifier);
  if (found === undefined || found[0] !== name) return false;
  const alone = environment.phase.at === "shutdown" && environment.runtime.at === "absent";
  return found[1].kind === "external" || !alone;
}
