import { functionErrorOf, TypedError } from "./function-error.ts";
import { hooks, type SnapshotHook } from "./life-hooks.ts";
import { unlessLoopEmpties } from "./loop-empties.ts";

/** Whether Lambda takes a snapshot of this environment when its init is over. */
export function awaitsSnapshot(env: NodeJS.ProcessEnv): boolean {
  return env.AWS_LAMBDA_INITIALIZATION_TYPE === "snap-start";
}

/** Runs the hooks before a snapshot. A failure is to be reported as an init error. */
export function beforeSnapshotTaken(): Promise<void> {
  return runAll(hooks.beforeSnapshot.toReversed(), "Runtime.BeforeSnapshotError");
}

/** Runs the hooks after a restore. A failure is to be reported as a restore error. */
export function afterSnapshotRestored(): Promise<void> {
  return runAll(hooks.afterRestore, "Runtime.AfterRestoreError");
}

async function runAll(all: readonly SnapshotHook[], errorType: string): Promise<void> {
  for (const hook of all) {
    try {
      await unlessLoopEmpties(
        (async () => hook())(),
        () => new Error("A hook never settled: nothing is left in the event loop that could settle it"),
      );
    } catch (thrown) {
      const { errorType: name, errorMessage, stackTrace = [] } = functionErrorOf(thrown);
      const error = new TypedError(errorType, `${name}: ${errorMessage}`, { cause: thrown });
      error.stack = [
        `${errorType}: ${name}: ${errorMessage}`,
        ...stackTrace.filter((line) => /^\s+at /.test(line)),
      ].join("\n");
      throw error;
    }
  }
}
