/** What the server process is asked to measure: one life of one subject. Plain data, since it crosses processes. */
export interface Job {
  readonly command: readonly [string, ...string[]];
  readonly taskRoot: string;
  readonly handler: string;
  /** Size of the event; the answer must have as many bytes, unless there are no cycles. */
  readonly eventBytes: number;
  /** Invocations before the measured ones, so that compilers and connections settle. */
  readonly warmUpCycles: number;
  readonly cycles: number;
}

/** What came of a job. */
export type JobResult =
  | { readonly type: "measured"; readonly measurement: Measurement }
  | { readonly type: "failed"; readonly message: string };

/** Processor times are of the measured cycles, or of the start where there are none. */
export interface Measurement {
  /** From the call that starts the process to the arrival of its first `next`. */
  readonly firstNextMs: number;
  /** Event sent, response read, next asked again: one entry per cycle. */
  readonly cyclesUs: readonly number[];
  readonly serverCpuUs: number;
  /** Absent where the system does not tell. */
  readonly subjectCpuUs?: number;
}
