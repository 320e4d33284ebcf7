/**
 * What `bootstrap` runs. Without arguments it is the runtime; `--extension NAME MODULE` makes it an external
 * extension; any other first argument is a file that a handler forks.
 */
import { runExtensionModule } from "../extension/run-extension.ts";
import { runForkedChild } from "./run-forked-child.ts";
import { runRuntime } from "./run-runtime.ts";

// The same place in a script and in a single executable, which repeats its own path as the second argument.
const [first, ...rest] = process.argv.slice(2);

if (first === undefined) void runRuntime(process.env);
else if (first === "--extension") void runExtensionModule(process.env, rest);
else void runForkedChild(first);
