import { resolve } from "node:path";
import { forgetEngineFlags } from "../platform/engine-flags.ts";
import { loadModule } from "../platform/module-loader.ts";
import { writeAll } from "../platform/write-all.ts";
import type { FunctionError } from "../protocol/function-error.ts";
import type { Extension } from "./extension.ts";
import type { ExtensionsApi } from "./extensions-api.ts";
import { connectExtensionsApi } from "./extensions-api-client.ts";
import { serveExtension } from "./serve-extension.ts";

/** Lambda answers a report at once; one that does not must not hold the exit up. */
const reportTimeoutMs = 2_000;

/** The extension role of `bootstrap`: `NAME MODULE`, where the module exports `extension`. Ends the process. */
export async function runExtensionModule(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<void> {
  const [name, file] = args;
  forgetEngineFlags();
  if (name === undefined || file === undefined) return die("Cannot start: say --extension NAME MODULE");
  await run(env, name, () => loadExtension(resolve(file)));
}

/** Runs an extension that is at hand as the process's only task, and ends the process. */
export async function runExtension(name: string, extension: Extension): Promise<void> {
  await run(process.env, name, () => Promise.resolve(extension));
}

/** Runs the extension that a module exports. One that cannot be loaded is told to Lambda, as where it is a file of its own. */
export async function runImportedExtension(name: string, load: () => Promise<unknown>): Promise<void> {
  await run(process.env, name, async () => extensionIn(await load(), "The module"));
}

/**
 * Registers this process as an internal extension that listens to nothing. Lambda then ends the environment with a
 * signal and some time, where it would otherwise just kill it. Rejects when it refuses; keeps no process alive.
 */
export async function registerForSignal(authority: string, name: string): Promise<void> {
  const api = connectExtensionsApi(authority, { background: true });
  await api.register({ name, events: [] });
  // Init is over when everybody waits. No event ever comes, and the connection ends with the environment.
  api.nextEvent().catch(() => {});
}

async function run(env: NodeJS.ProcessEnv, name: string, load: () => Promise<Extension>): Promise<void> {
  // Its memory is the function's: V8 is to collect early here, not to wait until it has grown with the machine.
  // Not imported: the runtime has this role at hand, and starts without the module.
  process.getBuiltinModule("node:v8").setFlagsFromString("--optimize-for-size");
  process.on("SIGTERM", () => process.exit(0));
  const authority = env.AWS_LAMBDA_RUNTIME_API;
  if (authority === undefined || authority === "") return die("Cannot start: AWS_LAMBDA_RUNTIME_API is not set");
  try {
    const api = connectExtensionsApi(authority);
    const extension = await started(api, name, load);
    watchForCrashes(api);
    await serveExtension(api, extension);
    // Whatever the hook left in the event loop: Lambda waits for the exit, and bills until then.
    process.exit(0);
  } catch (error) {
    die(error instanceof Error ? error.message : String(error));
  }
}

/** Loads, registers and initialises. An extension that cannot be loaded registers all the same: only so it can say why. */
async function started(api: ExtensionsApi, name: string, load: () => Promise<Extension>): Promise<Extension> {
  const loaded = await load().catch((error: unknown) => ({ broken: error }));
  const about = await api.register({ name, events: "events" in loaded ? loaded.events : [] });
  try {
    if ("broken" in loaded) throw loaded.broken;
    await loaded.onInit?.(about, api);
    return loaded;
  } catch (error) {
    await reported(() => api.reportInitError(errorOf("Extension.InitError", error)));
    throw error;
  }
}

async function loadExtension(file: string): Promise<Extension> {
  return extensionIn(await loadModule(file), file);
}

function extensionIn(exports: unknown, where: string): Extension {
  const extension =
    typeof exports === "object" && exports !== null && "extension" in exports ? exports.extension : undefined;
  if (
    typeof extension !== "object" ||
    extension === null ||
    !("events" in extension) ||
    !Array.isArray(extension.events)
  )
    throw new Error(`${where} must export "extension", an object with a list of events`);
  // as: the hooks are the author's word; one that is no function fails when it is called.
  return extension as unknown as Extension;
}

function watchForCrashes(api: ExtensionsApi): void {
  let reporting = false;
  const crash = async (error: unknown) => {
    if (reporting) return;
    reporting = true;
    await reported(() => api.reportExitError(errorOf("Extension.ExitError", error)));
    die(error instanceof Error ? (error.stack ?? error.message) : String(error));
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
}

async function reported(report: () => Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, reportTimeoutMs);
  try {
    await Promise.race([report(), late.promise]);
  } catch (error) {
    writeAll(2, `The Extensions API did not take the error: ${error}\n`);
  } finally {
    clearTimeout(timer);
  }
}

function errorOf(errorType: string, thrown: unknown): FunctionError {
  if (!(thrown instanceof Error)) return { errorType, errorMessage: String(thrown) };
  return { errorType, errorMessage: thrown.message, stackTrace: (thrown.stack ?? "").split("\n") };
}

function die(sentence: string): void {
  writeAll(2, `${sentence}\n`);
  process.exit(1);
}
