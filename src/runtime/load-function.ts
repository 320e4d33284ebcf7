import { resolve } from "node:path";
import { searchPackagesIn } from "../platform/module-loader.ts";
import { TypedError } from "./function-error.ts";
import { unlessLoopEmpties } from "./loop-empties.ts";
import { isSingleExecutable, nodeFlags, preload, wordsOf } from "./node-flags.ts";
import { resolveHandler } from "./resolve-handler.ts";

const [nodeMajor] = process.versions.node.split(".");

/** Loads what `_HANDLER` names. Rejects with what goes wrong in the function's own code, or with Lambda's error types. */
export async function loadFunction(env: NodeJS.ProcessEnv): ReturnType<typeof resolveHandler> {
  const name = env._HANDLER;
  if (name === undefined || name === "")
    throw new TypedError(
      "Runtime.MalformedHandlerName",
      "_HANDLER is not set: it names the function, as in index.handler",
    );
  // Set by the managed runtime's own start script. Libraries look there for Lambda: without it Powertools traces nothing.
  env.AWS_EXECUTION_ENV ??= `AWS_Lambda_nodejs${nodeMajor}.x`;
  // As there, where the program is an ES module: libraries that find one look for the application in its folder.
  Reflect.set(process, "mainModule", undefined);
  const taskRoot = resolve(env.LAMBDA_TASK_ROOT ?? ".");
  searchPackagesIn(packageDirectories(env, taskRoot));
  return unlessLoopEmpties(load(env, taskRoot, name), () => neverLoaded(name));
}

async function load(env: NodeJS.ProcessEnv, taskRoot: string, name: string): ReturnType<typeof resolveHandler> {
  await preloadModules(env.NODE_OPTIONS ?? "");
  return resolveHandler(taskRoot, name);
}

/** An engine with its program inside obeys `--require` in `NODE_OPTIONS`, passes over `--import`, and has no flags. */
async function preloadModules(options: string): Promise<void> {
  if (!isSingleExecutable()) return;
  await preload(nodeFlags(wordsOf(options)).preloads.filter(({ how }) => how === "import"));
  await preload(nodeFlags(process.argv.slice(2)).preloads);
}

/** Where layers put packages. The managed image has the same list in NODE_PATH. */
function packageDirectories(env: NodeJS.ProcessEnv, taskRoot: string): readonly string[] {
  const runtimeDirectory = env.LAMBDA_RUNTIME_DIR ?? "/var/runtime";
  return [
    `/opt/nodejs/node${nodeMajor}/node_modules`,
    "/opt/nodejs/node_modules",
    `${runtimeDirectory}/node_modules`,
    runtimeDirectory,
    taskRoot,
  ];
}

function neverLoaded(name: string): TypedError {
  return new TypedError(
    "Runtime.NodeJsExit",
    `The module of ${name} never finished loading: it awaits something that nothing in the event loop can settle`,
  );
}
