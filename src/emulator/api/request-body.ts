import type { IncomingMessage } from "node:http";
import { limits } from "../../protocol/limits.ts";

/** How a request's body ended. Only a complete one has its bytes. */
export interface ReadBody {
  readonly ending: "complete" | "truncated" | "oversize";
  readonly bytes: Buffer;
}

/** Bodies over the limit are read to their end, so that the client can finish its request, but only this far. */
const drainedBytesMax = 256 * 1024 * 1024;

/** Resolves when the body has ended, in whatever way; it never rejects. */
export function readRequestBody(request: IncomingMessage): Promise<ReadBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = () => resolve(bodyOf(chunks, size, request.complete));
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limits.payloadBytesMax) chunks.push(chunk);
      else chunks.length = 0;
      if (size > drainedBytesMax) request.destroy();
    });
    // A lost connection is an error here, and how the body ended says so.
    request.on("error", end);
    request.once("end", end);
    request.once("close", end);
    if (request.destroyed) end();
  });
}

function bodyOf(chunks: readonly Buffer[], size: number, complete: boolean): ReadBody {
  if (size > limits.payloadBytesMax) return { ending: "oversize", bytes: Buffer.alloc(0) };
  if (!complete) return { ending: "truncated", bytes: Buffer.alloc(0) };
  return { ending: "complete", bytes: Buffer.concat(chunks) };
}
