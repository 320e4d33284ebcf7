import { setImmediate as turn } from "node:timers/promises";

/**
 * Resolves when what the processes had written before now has been read. A process writes its log before the call or
 * the exit that follows, so both lie ready in the same turn of the event loop; a pipe holds less than one turn takes.
 */
export async function outputRead(): Promise<void> {
  await turn();
}

/** Enough for the largest answer, a socket buffer at a time; one that does not end holds nobody up for long. */
const turnsMax = 2_000;

/** As `outputRead`, for whoever has sent its last byte: a large answer takes several turns to be read to its end. */
export async function everythingRead(answersBeingRead: () => number): Promise<void> {
  await outputRead();
  for (let turns = 0; turns < turnsMax && answersBeingRead() > 0; turns += 1) await turn();
}
