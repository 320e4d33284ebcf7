/** What the server process is asked to measure: one life of one subject. Plain data, since it crosses processes. */
export interface Job {
  readonly command: readonly [string, ...string[]];
  /** Beside what Lambda sets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly taskRoot: string;
  readonly handler: string;
  /** So many bytes, which the response must have as well, or a file, whose response may be anything. */
  readonly event: { readonly bytes: number } | { readonly file: string };
  /** Invocations before the measured ones, so that compilers and connections settle. */
  readonly warmUpCycles: number;
  readonly cycles: number;
  /** System calls of the measured cycles are counted, which slows them down. */
  readonly countsCalls?: boolean;
  /** After how many measured cycles the memory is looked at; 0 is before the first invocation. */
  readonly memoryAt?: readonly number[];
}

/** What came of a job. */
export type JobResult =
  | { readonly type: "measured"; readonly measurement: Measurement }
  | { readonly type: "failed"; readonly message: string };

/** Processor times are of the measured cycles, or of the start where there are none. */
export interface Measurement {
  /** From the call that starts the process to the arrival of its first `next`. */
  readonly firstNextMs: number;
  /** From the same call to the arrival of the first response. */
  readonly firstAnswerMs: number;
  /** Event sent, response read, next asked again: one entry per cycle. */
  readonly cyclesUs: readonly number[];
  readonly serverCpuUs: number;
  /** Absent where the system does not tell. */
  readonly subjectCpuUs?: number;
  /** Of all measured cycles together. */
  readonly calls?: number;
  /** Of the whole life; absent where the system does not tell. */
  readonly disk?: DiskCosts;
  /** Anonymous memory in KiB, at each of the moments that were asked for. */
  readonly anonymousKiB: readonly number[];
}

/** What a process had from disks. */
export interface DiskCosts {
  /** Pages for which it had to wait until a disk had them. */
  readonly majorFaults: number;
  /** For itself or ahead. */
  readonly readBytes: number;
}
