import { machineClock } from "../platform/clock.ts";
import { version } from "../platform/version.ts";
import type { WireExchange, WireMessage } from "../platform/wire-message.ts";
import {
  type WireTranscriptMessage,
  wireBody,
  wireTranscriptLine,
  wireTranscriptVersion,
} from "../protocol/wire-transcript.ts";

/** Everything that was said, with all bytes of all bodies, for `bootlace replay`. */
export function wireTranscript(exchanges: readonly WireExchange[], startedAt: number): string {
  const date = dates();
  const head = { wire: "transcript", version: wireTranscriptVersion, at: date(startedAt), by: `bootlace/${version}` };
  const lines = exchanges.map(({ connection, at, request, sentAt, answer, lost }) =>
    wireTranscriptLine({
      ...{ wire: "exchange", at: date(at), connection, request: messageOf(request) },
      ...(sentAt !== undefined && { sentAt: date(sentAt) }),
      ...(answer && { answer: { ...messageOf(answer), at: date(answer.at) } }),
      ...(lost !== undefined && { lost }),
    }),
  );
  return [`${JSON.stringify(head)}\n`, ...lines].join("");
}

/** Makes dates of monotonic milliseconds, to the microsecond. */
function dates(): (at: number) => number {
  const origin = Date.now() - machineClock.now();
  return (at) => Math.round((origin + at) * 1_000) / 1_000;
}

function messageOf({ head, body: bytes, trailers = [] }: WireMessage): WireTranscriptMessage {
  const body = wireBody(bytes);
  return { head: head.split("\r\n"), ...(body && { body }), ...(trailers.length > 0 && { trailers }) };
}
