/**
 * What was said on the wire, for somebody who looks later: JSON lines, each with its kind under `wire`, which stands
 * first, so that `grep '^{"wire":'` finds them in any log. The order of lines is that of their ends; `at` orders them.
 * docs/extensions/recorder.md describes it; `schema/wire-transcript.ts` reads it.
 */

export const wireTranscriptVersion = 1;

/** The beginning, and again whenever whoever writes it was started again. Other lines may come before the first answer. */
export interface WireTranscriptHead {
  readonly wire: "transcript";
  readonly version: typeof wireTranscriptVersion;
  /** Epoch milliseconds, with fractions where the clock has them; so on every line. */
  readonly at: number;
  readonly by: string;
}

/** Bytes without their framing. What is not UTF-8 is counted and not kept where there are secrets to hide. */
export interface WireBody {
  /** As many as were sent. */
  readonly bytes: number;
  readonly text?: string;
  /** Of a body that is not UTF-8: a character for each byte. */
  readonly latin1?: string;
  /** Only its beginning is here. */
  readonly cut?: true;
}

export interface WireTranscriptMessage {
  /** The start line and the header lines. */
  readonly head: readonly string[];
  readonly body?: WireBody;
  readonly trailers?: readonly string[];
}

export interface WireTranscriptExchange {
  readonly wire: "exchange";
  readonly at: number;
  readonly connection: number | string;
  readonly request: WireTranscriptMessage;
  /** Absent where the request was cut short. */
  readonly sentAt?: number;
  /** `beganAt`: its head; `at`: its end. An answer that has no `at` was cut short. */
  readonly answer?: WireTranscriptMessage & { readonly beganAt?: number; readonly at?: number };
  /** Why there is no answer. */
  readonly lost?: string;
}

export type WireTranscriptLine =
  | WireTranscriptHead
  | WireTranscriptExchange
  /** What the Extensions API sent to the extension that writes this. */
  | { readonly wire: "event"; readonly at: number; readonly event: unknown }
  /** One event of the Telemetry API. */
  | { readonly wire: "telemetry"; readonly at: number; readonly record: unknown }
  /** A connection carried something other than HTTP. */
  | {
      readonly wire: "fault";
      readonly at: number;
      readonly connection: number | string;
      readonly from: "client" | "server";
      readonly reason: string;
    }
  /** What had to go, the oldest first, since the beginning of the file; it stands behind the head. */
  | { readonly wire: "dropped"; readonly at: number; readonly lines: number; readonly bytes: number };

export function wireTranscriptLine(line: WireTranscriptLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** `kept` is the beginning of a body of `bytes` bytes. */
export function wireBody(kept: Uint8Array, bytes = kept.length): WireBody | undefined {
  if (bytes === 0) return undefined;
  const cut = kept.length < bytes;
  return { bytes, ...content(kept, cut), ...(cut ? { cut } : {}) };
}

function content(kept: Uint8Array, cut: boolean): { readonly text: string } | { readonly latin1: string } {
  try {
    // A cut may lie inside a character, which is then left out.
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { text: decoder.decode(kept, { stream: cut }) };
  } catch {
    return { latin1: Array.from(kept, (byte) => String.fromCharCode(byte)).join("") };
  }
}
