import { type Context, suite as uvuSuite } from "uvu";

/** What a test file tells the runner while it runs. */
export type TestReport =
  | { readonly type: "started"; readonly title: string }
  | { readonly type: "passed"; readonly title: string }
  | { readonly type: "failed"; readonly title: string; readonly message: string }
  /** It has checked nothing, for want of something that is not here. */
  | { readonly type: "skipped"; readonly title: string; readonly reason: string }
  /** Every test of the file has ended, so its process has nothing left to do. */
  | { readonly type: "done" };

// The runner's, for this process alone: what a test starts has the environment of whoever runs the tests.
delete process.env.NODE_COMPILE_CACHE;

/** How long one test may take before it is failed by name. Speed is measured in `bench/`, never here. */
const timeoutMsDefault = 15_000;

let unfinished = 0;

interface Suite {
  (title: string, body: () => unknown, options?: { readonly timeoutMs?: number }): void;
  run(): void;
  after(hook: () => unknown): void;
}

/** A uvu suite whose tests cannot hang: uvu itself has no time-outs (uvu issue 33). */
export function suite(name: string): Suite {
  const inner = uvuSuite<Context>(name);
  const add = (title: string, body: () => unknown, options: { readonly timeoutMs?: number } = {}) => {
    const full = `${name} ${title}`;
    unfinished += 1;
    inner(title, async () => {
      report({ type: "started", title: full });
      try {
        await within(options.timeoutMs ?? timeoutMsDefault, full, body);
        report({ type: "passed", title: full });
      } catch (error) {
        if (error instanceof Skipped) return report({ type: "skipped", title: full, reason: error.message });
        report({ type: "failed", title: full, message: error instanceof Error ? error.message : String(error) });
        throw error;
      } finally {
        unfinished -= 1;
        if (unfinished === 0) report({ type: "done" });
      }
    });
  };
  return Object.assign(add, {
    run: () => inner.run(),
    after: (hook: () => unknown) => inner.after(async () => void (await hook())),
  });
}

/** Ends a test that can check nothing here; it does not count as passed. Where everything has to be there, it fails. */
export function skip(reason: string, options: { readonly allowed?: boolean } = {}): never {
  if (options.allowed === false) throw new Error(reason);
  throw new Skipped(reason);
}

class Skipped extends Error {}

/** Fails unless `promise` rejects with a message that matches (uvu has no `rejects`, issue 131). */
export async function rejects(promise: Promise<unknown>, pattern: RegExp): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof Error)) throw new Error(`Rejected with something that is no Error: ${String(error)}`);
    if (!pattern.test(error.message))
      throw new Error(`Rejected with "${error.message}", which does not match ${pattern}`);
    return error;
  }
  throw new Error(`Expected a rejection that matches ${pattern}, but the promise was fulfilled`);
}

async function within(timeoutMs: number, title: string, body: () => unknown): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`"${title}" did not finish within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([body(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function report(message: TestReport): void {
  if (process.send !== undefined) process.send(message);
  else if (message.type === "skipped") console.error(`SKIPPED ${message.title}: ${message.reason}`);
}
