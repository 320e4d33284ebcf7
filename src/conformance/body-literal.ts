import type { BodyLiteral } from "./emulator-case.ts";

/** The bytes that a literal stands for. */
export function bytesOf(literal: BodyLiteral): Buffer {
  if (typeof literal === "string") return Buffer.from(literal);
  const bytes = Buffer.alloc(literal.jsonStringBytes, "a");
  bytes.write('"', 0);
  bytes.write('"', bytes.length - 1);
  return bytes;
}

/** The literal in a sentence. */
export function describeBody(literal: BodyLiteral): string {
  return typeof literal === "string" ? JSON.stringify(literal) : `a JSON string of ${literal.jsonStringBytes} bytes`;
}
