import { z } from "zod";
import { type WireTranscriptLine, wireTranscriptVersion } from "../wire-transcript.ts";

const at = z.number().nonnegative();
const connection = z.union([z.number(), z.string()]);
const body = z
  .object({
    bytes: z.int().nonnegative(),
    text: z.string().exactOptional(),
    latin1: z.string().exactOptional(),
    cut: z.literal(true).exactOptional(),
  })
  .readonly();
const parts = {
  head: z.array(z.string()).min(1).readonly(),
  body: body.exactOptional(),
  trailers: z.array(z.string()).readonly().exactOptional(),
};

/** One line. Fields that a later version adds are ignored; a `version` that is not ours is refused. */
export const wireTranscriptLineSchema = z.discriminatedUnion("wire", [
  z.object({ wire: z.literal("transcript"), version: z.literal(wireTranscriptVersion), at, by: z.string() }),
  z.object({
    wire: z.literal("exchange"),
    at,
    connection,
    request: z.object(parts),
    sentAt: at.exactOptional(),
    answer: z.object({ ...parts, beganAt: at.exactOptional(), at: at.exactOptional() }).exactOptional(),
    lost: z.string().exactOptional(),
  }),
  z.object({ wire: z.literal("event"), at, event: z.unknown() }),
  z.object({ wire: z.literal("telemetry"), at, record: z.unknown() }),
  z.object({ wire: z.literal("fault"), at, connection, from: z.enum(["client", "server"]), reason: z.string() }),
  z.object({ wire: z.literal("dropped"), at, lines: z.int().nonnegative(), bytes: z.int().nonnegative() }),
]);

/** A transcript that is none; the message says which line and what is wrong with it. */
export class BadTranscriptError extends Error {
  override readonly name = "BadTranscriptError";
}

/** Every line of a transcript, in the order in which things began. */
export function parseWireTranscript(text: string): readonly WireTranscriptLine[] {
  const lines = text.split("\n").flatMap((line, index) => (line === "" ? [] : [parseLine(line, index + 1)]));
  if (lines[0]?.wire !== "transcript") throw new BadTranscriptError("Line 1 of the transcript does not begin one");
  return lines.toSorted((a, b) => a.at - b.at);
}

function parseLine(line: string, number: number): WireTranscriptLine {
  const parsed = wireTranscriptLineSchema.safeParse(json(line));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : ` at "${issue.path.join(".")}"`;
  throw new BadTranscriptError(`Line ${number} of the transcript is none${where}: ${issue?.message ?? "unknown"}`);
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
