/** Runs before the platform takes a snapshot, or after it was restored from one. */
export type SnapshotHook = () => unknown;

/** Runs when Lambda ends the environment. `signal` aborts shortly before the process is killed. */
export type ShutdownHook = (signal: AbortSignal) => unknown;

interface Hooks {
  readonly beforeSnapshot: SnapshotHook[];
  readonly afterRestore: SnapshotHook[];
  readonly onShutdown: ShutdownHook[];
}

/** A function may bring a copy of this package: all copies in one process share one list. */
const shared = Symbol.for("bootlace.hooks");
// as: only this line writes there.
const home = globalThis as { [shared]?: Hooks };
home[shared] ??= { beforeSnapshot: [], afterRestore: [], onShutdown: [] };

/** What the function has asked for so far. */
export const hooks: Hooks = home[shared];

/** For Lambda SnapStart: runs after init, the latest registered first. A failure fails the publication. */
export function beforeSnapshot(hook: SnapshotHook): void {
  hooks.beforeSnapshot.push(hook);
}

/** For Lambda SnapStart: runs in every environment that was restored, in the order of registration. */
export function afterRestore(hook: SnapshotHook): void {
  hooks.afterRestore.push(hook);
}

/** Runs before Lambda ends the environment, which gives it some 300 ms. Only what is registered during init counts. */
export function onShutdown(hook: ShutdownHook): void {
  hooks.onShutdown.push(hook);
}
