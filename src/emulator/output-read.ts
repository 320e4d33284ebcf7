import { setImmediate as turn } from "node:timers/promises";

/**
 * Resolves when what the processes had written before now has been read. A process writes its log before the call or
 * the exit that follows, so both lie ready in the same turn of the event loop; a pipe holds less than one turn takes.
 */
export async function outputRead(): Promise<void> {
  await turn();
}
