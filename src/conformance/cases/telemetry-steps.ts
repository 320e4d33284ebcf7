/** Moves of cases about telemetry: an extension listens, subscribes, and stays busy so that nothing is frozen. */
import type { EmulatorMove, PuppetRequest } from "../emulator-move.ts";
import { delivered, identified, nextAfter } from "./emulator-steps.ts";
import { eventNext, type logs, next, register, telemetry } from "./requests.ts";

const uri = (listener: string) => `http://sandbox.localdomain:{${listener}.port}/heard`;

export interface Subscription {
  readonly schemaVersion?: string;
  readonly types?: readonly string[];
  readonly buffering?: Readonly<Record<string, number>>;
  readonly destination?: Readonly<Record<string, string>>;
}

/** The body of a subscription. A port is a number where it goes over TCP. */
export function bodyOf(listener: string, { schemaVersion, types, buffering, destination }: Subscription): string {
  const to = { protocol: "HTTP", URI: uri(listener), ...destination };
  const fast = { maxItems: 1_000, maxBytes: 262_144, timeoutMs: 25, ...buffering };
  return JSON.stringify({
    ...(schemaVersion === "" ? {} : { schemaVersion: schemaVersion ?? "2022-12-13" }),
    types: types ?? ["platform", "function", "extension"],
    buffering: fast,
    destination: to,
  });
}

/** `listener` makes the name one that nobody had before: a subscription may outlive a reset, by the name of its extension. */
export function registers(name: string, listener?: string): PuppetRequest {
  const headers = { "Lambda-Extension-Name": listener === undefined ? name : `${name}-{${listener}.port}` };
  return { type: "call", as: name, over: name, ...register, headers, body: '{"events":["INVOKE"]}' };
}

export function subscribes(
  as: string,
  name: string,
  body: string,
  api: typeof telemetry | typeof logs = telemetry,
): PuppetRequest {
  const headers = { ...identified(name), "Content-Type": "application/json" };
  return { type: "call", as, over: name, ...api, headers, body };
}

/** The extension is done with what it had, and asks for more. */
export function comesBack(as: string, name = "inner"): PuppetRequest {
  return { type: "begin", as, over: name, ...eventNext, headers: identified(name) };
}

export const started: readonly EmulatorMove[] = [
  { type: "invoke", as: "caller", event: "{}" },
  { type: "await-start" },
  { type: "listen", as: "ear" },
  registers("inner", "ear"),
];

/** An extension inside the runtime that listens, subscribes, and waits with the runtime. */
export function listening(body: string): readonly EmulatorMove[] {
  return [...started, subscribes("subscription", "inner", body), comesBack("first event")];
}

/** The runtime gets its first event. While the extension is busy with the invocation, nothing is frozen. */
export const first: readonly EmulatorMove[] = [
  { type: "call", as: "first next", ...next },
  { type: "await-answer", of: "first event" },
];

/** The extension is done; another invocation wakes the environment, and what was held back is told. */
export function again(caller: string, last: string): readonly EmulatorMove[] {
  return [
    { type: "begin", as: nextAfter(caller), ...next },
    comesBack("second event"),
    { type: "await-caller", of: caller },
    { type: "invoke", as: "second caller", event: "{}" },
    { type: "await-answer", of: nextAfter(caller) },
    { type: "await-event", of: "ear", event: last },
  ];
}

/** An external extension listens and is told of the end; the runtime has an event. */
export function watching(caller: string, ear: string): readonly EmulatorMove[] {
  const by = "watcher";
  const registration = `registration for ${caller}`;
  return [
    { type: "invoke", as: caller, event: "{}" },
    { type: "await-start", who: by },
    { type: "listen", as: ear, by },
    {
      type: "call",
      as: registration,
      by,
      ...register,
      headers: { "Lambda-Extension-Name": by },
      body: '{"events":["SHUTDOWN"]}',
    },
    {
      type: "call",
      as: `subscription for ${caller}`,
      by,
      ...telemetry,
      headers: identified(registration),
      body: bodyOf(ear, {}),
    },
    { type: "begin", as: `event for ${caller}`, by, ...eventNext, headers: identified(registration) },
    ...delivered(caller).slice(1),
  ];
}
