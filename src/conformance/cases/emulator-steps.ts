/** Moves that many cases for emulators are made of. */
import type { EmulatorMove, PuppetRequest } from "../emulator-move.ts";
import { next, responseTo } from "./requests.ts";

/** Somebody invokes, and a runtime is there that has been given the event. Its `next` is called `next as`. */
export function delivered(as: string, event = "{}"): readonly EmulatorMove[] {
  return [{ type: "invoke", as, event }, { type: "await-start" }, { type: "call", as: nextOf(as), ...next }];
}

/** The name of the `next` that got the event of this caller. */
export function nextOf(caller: string): string {
  return `next of ${caller}`;
}

/** The runtime answers the event that it has. */
export function respond(as: string, body = '"ok"', more: Partial<PuppetRequest> = {}): PuppetRequest {
  return { type: "call", as, ...responseTo("{id}"), body, ...more };
}

/** The runtime asks for the next event, and the caller gets the answer: some emulators wait for the one with the other. */
export function done(caller: string): readonly EmulatorMove[] {
  return [
    { type: "begin", as: nextAfter(caller), ...next },
    { type: "await-caller", of: caller },
  ];
}

/** The name of the `next` that the runtime sent when it was done with this caller. */
export function nextAfter(caller: string): string {
  return `next after ${caller}`;
}

/** A whole invocation, after which the runtime waits for another one. */
export function served(as: string, event = "{}"): readonly EmulatorMove[] {
  return [...delivered(as, event), respond(`response to ${as}`), ...done(as)];
}

/** Another caller invokes, and the runtime that waits since it was done with the one before gets the event. */
export function deliveredNext(after: string, as: string, event = "{}"): readonly EmulatorMove[] {
  return [
    { type: "invoke", as, event },
    { type: "await-answer", of: nextAfter(after) },
  ];
}

/** The header by which an extension is known after the call `by` has registered it. */
export function identified(by: string): Readonly<Record<string, string>> {
  return { "Lambda-Extension-Identifier": `{${by}.Lambda-Extension-Identifier}` };
}
