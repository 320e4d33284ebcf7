import { setImmediate as turn } from "node:timers/promises";

/**
 * Resolves when what the processes had written before now has been read. A process writes its log before the call or
 * the exit that follows, so both lie ready in the same turn of the event loop; a pipe holds less than one turn takes.
 */
export async function outputRead(): Promise<void> {
  await turn();
}

/** Enough for the largest answer, a socket buffer at a time; somebody else who never stops sending holds nobody up. */
const turnsMax = 200;

/** As `outputRead`, for whoever has sent its last byte: a large answer takes several turns to be read to its end. */
export async function everythingRead(bytesRead: () => number): Promise<void> {
  let before = -1;
  for (let turns = 0; turns < turnsMax && bytesRead() !== before; turns += 1) {
    before = bytesRead();
    await outputRead();
  }
}
