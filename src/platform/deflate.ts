import { once } from "node:events";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { deflateRaw } from "node:zlib";
import { sourceFile } from "./package-root.ts";

/**
 * How hard to try: 1 to 9 as zlib counts, by Node's own; or "densest", the original algorithm of zlib at 9. Node's zlib
 * is Chromium's, which is quicker and on an engine 4 % larger. The densest takes a third of a minute for a hundred
 * megabytes, and makes the same bytes whichever Node it runs on.
 */
export type Compression = number | "densest";

/** Deflates each of the contents, without a header. */
export async function deflated(contents: readonly Uint8Array[], level: Compression): Promise<readonly Uint8Array[]> {
  if (level === "densest") return inWorker(contents);
  return Promise.all(contents.map((content) => promisify(deflateRaw)(content, { level })));
}

/** In another thread, since it is JavaScript that would hold up everything else here, such as a second archive. */
async function inWorker(contents: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
  const worker = new Worker(sourceFile("src/platform/deflate-worker"), { workerData: contents });
  const [bodies] = await once(worker, "message");
  return bodies;
}
