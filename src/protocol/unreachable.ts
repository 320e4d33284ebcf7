/** Ends every `switch` over a union: adding a case breaks the build here. */
export function unreachable(value: never): never {
  throw new Error(`Cannot happen: ${JSON.stringify(value)}`);
}

/** A promise of ours. A broken one is a bug of ours, so it crashes. */
export function invariant(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new Error(`Broken invariant: ${promise}`);
}
