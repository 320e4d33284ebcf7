import type { PlatformRecord } from "../core/telemetry/record.ts";

/** The most memory that an environment's processes were ever seen to use: the highest figure so far stands. */
export class PeakMemory {
  readonly #read: () => number | undefined;
  #bytes = 0;

  /** `read` asks the machine, which may not know. */
  constructor(read: () => number | undefined) {
    this.#read = read;
  }

  /** In whole megabytes, as of a record that is about to be told. */
  mbAt(record: PlatformRecord): number {
    if (showsMemory(record)) this.#bytes = Math.max(this.#bytes, this.#read() ?? 0);
    return Math.ceil(this.#bytes / (1024 * 1024));
  }
}

/**
 * Whether the processes are asked for their memory: for a report, and before the first one and in a failure, since of a
 * process that has crashed nothing can be read any more.
 */
function showsMemory(record: PlatformRecord): boolean {
  return record.type !== "platform.start" && (record.type !== "platform.runtimeDone" || record.status !== "success");
}
