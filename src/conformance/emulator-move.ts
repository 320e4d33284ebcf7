/** The vocabulary of cases for emulators: what callers and puppets do. */
import type { BodyLiteral } from "./emulator-case.ts";

/**
 * What caller and puppets do, one after another. A name given by `as` is how later moves and expectations speak of an
 * answer. In paths, headers and bodies `{id}` stands for the request id of the event that the runtime got last, and
 * `{NAME.Header}` for a header of the answer that is called NAME.
 */
export type EmulatorMove =
  /** The caller invokes the function, again where it is throttled; the move is over when the request is on its way. */
  | {
      readonly type: "invoke";
      readonly as: string;
      readonly event: BodyLiteral;
      readonly headers?: Readonly<Record<string, string>>;
      /** Which door: Invoke, InvokeWithResponseStream, or the function's URL (where `event` is the request's body). */
      readonly via?: "stream" | "url";
      /** Of a request to the URL. */
      readonly method?: string;
      readonly path?: string;
      /** One who is throttled is told so, and does not try again. */
      readonly once?: true;
    }
  /** Until the caller has its answer. */
  | { readonly type: "await-caller"; readonly of: string }
  /** Until these bytes have come to the caller, whose answer has not ended yet. */
  | { readonly type: "await-bytes"; readonly of: string; readonly text: string }
  /** The caller closes its connection without waiting for the answer. */
  | { readonly type: "abandon"; readonly of: string }
  /** Until a puppet runs that the emulator has started: the runtime, or the extension of that name. */
  | { readonly type: "await-start"; readonly who?: string }
  | PuppetRequest
  /** A piece more of a body that was left open. */
  | { readonly type: "chunk"; readonly of: string; readonly body: string }
  /** Pieces of a body that was left open until they come to so many bytes, or the other side takes no more. */
  | { readonly type: "flood"; readonly of: string; readonly bytes: number }
  /** The end of a body that was left open. */
  | { readonly type: "finish"; readonly of: string; readonly trailers?: Readonly<Record<string, string>> }
  /** Bytes as they stand here, whatever they may be to the server. */
  | ({ readonly type: "raw"; readonly as: string; readonly text: string; readonly fill?: number } & Actor)
  /** The puppet closes a connection, at once or as soon as it hears something on it. */
  | ({ readonly type: "disconnect"; readonly when?: "heard" } & Actor)
  /** What stands in here goes out at once, before the emulator can do anything about its beginning. */
  | { readonly type: "together"; readonly moves: readonly EmulatorMove[] }
  /** Until the puppet has the answer to a request that it began. */
  | { readonly type: "await-answer"; readonly of: string }
  /** Until one of these has its answer, be it the caller or a puppet. */
  | { readonly type: "await-any"; readonly of: readonly string[] }
  /** Time for something to happen that must not. */
  | { readonly type: "wait"; readonly ms: number }
  /** The puppet's process ends, by itself or by SIGKILL. */
  | { readonly type: "exit"; readonly by?: string; readonly code: number }
  | { readonly type: "kill"; readonly by?: string }
  /** Until the process has ended, whoever ended it. */
  | { readonly type: "await-end"; readonly by?: string }
  /** From now on the puppet notes SIGTERM and goes on; without this it notes it and ends. */
  | { readonly type: "ignore-sigterm"; readonly by?: string }
  /** The puppet listens for telemetry, on a port that `{NAME.port}` stands for; it refuses so many requests first. */
  | {
      readonly type: "listen";
      readonly as: string;
      readonly by?: string;
      readonly protocol?: "HTTP" | "TCP";
      readonly refused?: number;
    }
  /** Until that listener has heard so many events of this type. */
  | { readonly type: "await-event"; readonly of: string; readonly event: string; readonly times?: number }
  | { readonly type: "print"; readonly by?: string; readonly to: "stdout" | "stderr"; readonly text: string }
  /** What every runtime (or extension of that name) does that is started until the caller has its answer. */
  | {
      readonly type: "repeat-until-answered";
      readonly of: string;
      readonly who?: string;
      readonly moves: readonly EmulatorMove[];
    }
  /** The puppet writes a file in /tmp; a later puppet looks for it and takes it away. */
  | { readonly type: "write-file" }
  | { readonly type: "look-for-file"; readonly as: string }
  /** The emulator is asked to end, as Ctrl-C asks; the move does not wait for that. */
  | { readonly type: "end-emulator" };

/** Who sends, and over which of its connections. */
export interface Actor {
  /** An extension's process; without, the runtime's. */
  readonly by?: string;
  /** A connection other than the first, by a name that the case gives. */
  readonly over?: string;
}

/** The puppet sends a request and waits for the answer (`call`), or does not wait (`begin`). */
export interface PuppetRequest extends Actor {
  readonly type: "call" | "begin";
  readonly as: string;
  readonly method: string;
  readonly path: string;
  /** `null` takes away one that the puppet would send by itself. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: BodyLiteral;
  /** How the body goes out; counted when this is absent. */
  readonly framing?:
    | "chunked"
    /** Chunked, and left open for `chunk`, `flood` and `finish`. */
    | "open"
    /** `Expect: 100-continue`: the body follows when it is asked for, or after a second. */
    | "expects-continue"
    /** `Content-Length` says so many bytes, whatever the body has. */
    | { readonly declared: number };
  readonly version?: "1.0";
  /** Left out where this one has been answered by then. */
  readonly unless?: string;
}
