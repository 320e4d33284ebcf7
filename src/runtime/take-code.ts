/**
 * What the engine runs when a layer is built: starts the program of `bootstrap` as a cold start does, and writes V8's
 * code of all that has run when the function calls for it. The job is the one argument, as JSON.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { moduleFunction } from "../platform/code-cache.ts";
import { Module } from "../platform/node-module.ts";

/** What to run, and where to put the code. */
interface TakeCodeJob {
  /** One CommonJS file of ASCII characters. */
  readonly program: string;
  readonly outFile: string;
}

// as: only the build of layers starts this program.
const { program, outFile } = JSON.parse(process.argv[2] ?? "{}") as TakeCodeJob;
const source = moduleFunction(readFileSync(program, "latin1"));
// The name would be in the code; where the program lies at run time, the few lines that start it say.
const script = new Script(source, { filename: "bootstrap.cjs" });

/** The function's second invocation calls it; nothing has to be waited for. */
Reflect.set(globalThis, "takeCode", () => {
  setFlagsFromString("--sparkplug");
  const data = script.createCachedData();
  const sourceAt = Buffer.alloc(4);
  sourceAt.writeUInt32LE(sourceAt.length + data.length);
  writeFileSync(outFile, Buffer.concat([sourceAt, data, Buffer.from(source, "latin1")]));
  process.exit();
});

// Its threads mark what they are at work on, which then depends on the moment. V8 takes back only code of its own flags.
setFlagsFromString("--no-sparkplug");
// As Node itself would leave them for the program.
process.argv.splice(1, 2, program);
const main = new Module(program);
script.runInThisContext().call(main.exports, main.exports, require, main, program, dirname(program));
