/**
 * What starts in the single executable: unpacks the Node that it is made of, and the command as one file, and becomes
 * that Node with that file. So everything that starts a Node of its own finds an ordinary one in `process.execPath`.
 */
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { keptCommand, keptEngine } from "./executable-parts.ts";

/** Names of the folders that are unpacked, which say what is in them; written by the build. */
declare const engineFolder: string;
declare const commandFolder: string;

try {
  const engine = join(keptEngine(process.execPath, engineFolder), "bin", "node");
  const command = join(keptCommand(process.execPath, commandFolder), "bootlace.mjs");
  // Where nothing may be started from a file system, what follows would end in a core dump.
  accessSync(engine, constants.X_OK);
  // That it is experimental is nothing that whoever runs a command could change.
  process.emitWarning = () => {};
  process.execve?.(engine, [process.execPath, command, ...process.argv.slice(2)], process.env);
} catch (error) {
  // As the command says it of itself; its own file that does is not here yet.
  console.error(`bootlace: ${error instanceof Error ? error.message : error}.`);
  process.exitCode = 2;
}
