import type { IncomingMessage } from "node:http";
import { limits } from "../../protocol/limits.ts";

/** How a body ended that was passed on as it came. */
export interface ReadStream {
  readonly ending: ReadBody["ending"];
  readonly bytes: number;
  /** Lower-case names. */
  readonly trailers: Readonly<Record<string, string | undefined>>;
}

/** Passes a body on, a piece at a time, up to the limit of a stream; it never rejects. */
export async function passRequestBody(
  request: IncomingMessage,
  pass: (chunk: Uint8Array) => Promise<void>,
): Promise<ReadStream> {
  let bytes = 0;
  try {
    for await (const chunk of request) {
      const room = limits.streamBytesMax - bytes;
      if (room > 0) await pass(chunk.length <= room ? chunk : chunk.subarray(0, room));
      bytes += chunk.length;
      if (bytes > limits.streamBytesMax + drainedBytesMax) break;
    }
  } catch {
    // A lost connection is an error here, and how the body ended says so.
  }
  const { trailers } = request;
  if (bytes > limits.streamBytesMax) return { ending: "oversize", bytes: limits.streamBytesMax, trailers };
  return { ending: request.complete ? "complete" : "truncated", bytes, trailers };
}

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
