/** What `bootlace build` can make; each is a file of this folder. */
export interface Build {
  readonly help: string;
  /** With what stands behind its name. Resolves to the exit code. */
  run(args: readonly string[]): Promise<number>;
}
