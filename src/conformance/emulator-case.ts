import type { CaseFacts } from "./case.ts";
import type { EmulatorExpectation } from "./emulator-expectation.ts";
import type { EmulatorMove } from "./emulator-move.ts";

/** A case for an emulator: what a caller and scripted processes (puppets) do to it, and what they must get. */
export interface EmulatorCase extends CaseFacts {
  readonly subject: "emulator";
  readonly moves: readonly EmulatorMove[];
  readonly expect: readonly EmulatorExpectation[];
  /** What must hold as well, and what no other case hangs on: where only this fails, they are judged all the same. */
  readonly also?: readonly EmulatorExpectation[];
  /** What the suite must be able to give the emulator; where it cannot, the case is not applicable. */
  readonly needs?: EmulatorNeeds;
  /** The function's time-out where the suite starts the emulator itself; 30 when it does not matter. */
  readonly timeoutSeconds?: number;
  /** Not applicable where the event's deadline is further away: nobody waits a quarter of an hour for a verdict. */
  readonly deadlineMsMax?: number;
  /** How long one move may take that takes long by its nature. */
  readonly patienceMs?: number;
}

/** What not every emulator can be given from outside. */
export interface EmulatorNeeds {
  /** Files of `/opt/extensions`: each is a puppet of that name. */
  readonly extensions?: readonly string[];
  /** The emulator is asked to end. */
  readonly end?: true;
  /** The function's URL, in this mode. */
  readonly functionUrl?: "BUFFERED" | "RESPONSE_STREAM";
  /** Managed Instances with eight invocations at once, or SnapStart. */
  readonly mode?: "managed-instances" | "snap-start";
  /** The operation InvokeWithResponseStream. */
  readonly responseStream?: true;
}

/** Bytes of a body: text as it is, or a JSON string that is exactly this long with its quotes. */
export type BodyLiteral = string | { readonly jsonStringBytes: number };
