import type { EventLiteral } from "./subject-case.ts";

/** The bytes that a literal stands for. */
export function eventBytes(event: EventLiteral): Buffer {
  if (typeof event === "string") return Buffer.from(event);
  if ("hex" in event) return Buffer.from(event.hex, "hex");
  const [head, tail] = [`{"op":"${event.op}","pad":"`, '"}'];
  return Buffer.from(`${head}${"a".repeat(event.bytes - head.length - tail.length)}${tail}`);
}

/** The literal in a sentence. */
export function describeEvent(event: EventLiteral): string {
  if (typeof event === "string") return event;
  return "hex" in event ? `the bytes ${event.hex}` : `an event of ${event.bytes} bytes`;
}
