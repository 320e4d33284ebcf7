/**
 * A decision of `src/core` with the mistake that would reverse it. The core's own tests must notice every one: a mutant
 * that survives is a test that is missing. `find` is exact text that occurs once in the file.
 */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Mutants of one file of the core. */
export function of(
  file: string,
  changes: readonly (readonly [name: string, find: string, replace: string])[],
): readonly Mutant[] {
  return changes.map(([name, find, replace]) => ({ name, file: `src/core/${file}`, find, replace }));
}
