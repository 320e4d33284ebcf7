/** The other thread of deflate.ts. */
import { parentPort, workerData } from "node:worker_threads";
import { deflateRaw } from "pako";

// as: what deflate.ts passes.
const contents = workerData as readonly Uint8Array[];
parentPort?.postMessage(contents.map((content) => deflateRaw(content, { level: 9 })));
