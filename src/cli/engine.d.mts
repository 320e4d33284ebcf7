/** The pinned Node of this platform, or undefined where the lockfile has none. */
export function pinnedNode(): string | undefined;

/** Whether a version such as `v22.17.1` runs `.ts` files as they are. */
export function runsTypeScript(version: string): boolean;

/** Runs `file` in this process when it is the right Node already, else in a child with the same standard streams. */
export function runOnEngine(file: string, args: readonly string[]): Promise<void>;
