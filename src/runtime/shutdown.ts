import { NativePromise } from "../platform/native-promise.ts";
import { limits } from "../protocol/limits.ts";
import type { Life } from "./last-words.ts";
import { hooks } from "./life-hooks.ts";
import type { Log } from "./log.ts";

/** Between the end of our patience with the hooks and the moment Lambda kills the process. */
const shutdownMarginMs = 40;

/** Makes Lambda end this process with a signal; without an extension it simply kills it. Rejects when it refuses. */
export type AskForSignal = (authority: string, name: string) => Promise<void>;

/** Prepares for the end of the environment, if the function has asked for that. To be called at the end of its init. */
export async function prepareShutdown(
  authority: string,
  askForSignal: AskForSignal,
  log: Log,
  life: Life,
): Promise<void> {
  if (hooks.onShutdown.length === 0) return;
  process.once("SIGTERM", () => {
    life.ending = true;
    void shutDown(log);
  });
  try {
    await askForSignal(authority, "bootlace-shutdown-hooks");
  } catch (error) {
    // The function itself does not need it: it serves, and hears of its end only where somebody else registered.
    log.write("WARN", [`No shutdown hook may run: ${error instanceof Error ? error.message : error}`]);
  }
}

/** Runs all hooks at once, as they share one short time, and ends the process. */
async function shutDown(log: Log): Promise<void> {
  const abort = new AbortController();
  const late = NativePromise.withResolvers<void>();
  setTimeout(() => {
    abort.abort();
    late.resolve();
  }, limits.shutdownRuntimeMs - shutdownMarginMs);
  const runs = hooks.onShutdown.map(async (hook) => {
    try {
      await hook(abort.signal);
    } catch (thrown) {
      log.failure("Shutdown Error", thrown);
    }
  });
  await NativePromise.race([NativePromise.all(runs), late.promise]);
  process.exit(0);
}
