/** What only shows after a long time. `BOOTLACE_ENDURANCE=full` takes minutes: 100,000 invocations, a minute of frost. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as assert from "uvu/assert";
import { eventOf } from "../../bench/event.ts";
import { PreparedApi } from "../../bench/prepared-api.ts";
import { shippedRuntime } from "../helpers/shipped-runtime.ts";
import { suite } from "../helpers/suite.ts";
import { plain, rawServer } from "../platform/raw-server.ts";

const test = suite("a runtime that lives long");
const full = process.env.BOOTLACE_ENDURANCE === "full";
const invocations = full ? 100_000 : 10_000;
const frozenMs = full ? 60_000 : 1_000;
/** Six bytes for each of 80,000 invocations; compilers are at work in the first ten thousand. */
const growthKiBMax = full ? 512 : 2_048;
const timeoutMs = 600_000;
const source = [process.execPath, join(import.meta.dirname, "../../src/runtime/main.ts")];
const shipped = [await shippedRuntime()];
const taskRoot = join(import.meta.dirname, "functions");

for (const [form, command] of [
  ["from source", source],
  ["as released", shipped],
] as const) {
  for (const [how, env] of [
    ["one after another", {}],
    ["with one write", { BOOTLACE_ONE_WRITE: "1" }],
  ] as const)
    test(
      `answers ${invocations} invocations ${how}, ${form}, and grows neither in memory nor in descriptors nor in threads`,
      async () => {
        const life = await served({
          command,
          // A young generation that V8 may double whenever it likes hides a leak.
          env: { ...env, NODE_OPTIONS: "--max-semi-space-size=1" },
          events: invocations,
          bytes: 1_000,
          looksAt: [0.2, 0.6, 1],
        });
        const [early, , late] = life;
        assert.ok(early !== undefined && late !== undefined);
        assert.equal([late.descriptors, late.threads], [early.descriptors, early.threads]);
        // What compilers keep of hot code comes late.
        assert.ok(late.anonymousKiB < early.anonymousKiB + growthKiBMax, JSON.stringify(life));
      },
      { timeoutMs },
    );

  test(
    `answers events of a megabyte in a heap of 48, ${form}`,
    async () => {
      const env = { NODE_OPTIONS: "--max-old-space-size=48" };
      const [end] = await served({ command, env, events: full ? 2_000 : 200, bytes: 1_048_576, looksAt: [1] });
      assert.ok(end !== undefined && end.anonymousKiB < 200 * 1_024, JSON.stringify(end));
    },
    { timeoutMs },
  );

  test(
    `goes on where it was after it was frozen for ${frozenMs / 1_000} s, while it waited and while it worked, ${form}`,
    async () => {
      const clock = { offsetMs: 0 };
      await using runtime = await conversed(command, clock);
      assert.ok((await runtime.ask({ op: "remaining" })).remaining > 0);
      runtime.child.kill("SIGSTOP");
      await sleep(frozenMs);
      runtime.child.kill("SIGCONT");
      const { wrongMs } = await runtime.ask({ op: "remaining" });
      assert.ok(Math.abs(wrongMs) < frozenMs / 2, `wrong by ${wrongMs} ms`);
      const answer = runtime.ask({ op: "slow" });
      await runtime.printed("working");
      runtime.child.kill("SIGSTOP");
      await sleep(frozenMs);
      runtime.child.kill("SIGCONT");
      // The time of the frost is gone from what is left, as on Lambda.
      assert.ok((await answer).remaining <= 5_000 - frozenMs);
    },
    { timeoutMs },
  );

  test(`reckons with the clock of each event, whichever way that has jumped, ${form}`, async () => {
    const clock = { offsetMs: 0 };
    await using runtime = await conversed(command, clock);
    for (const offsetMs of [3_600_000, -3_600_000, 0]) {
      clock.offsetMs = offsetMs;
      const { wrongMs } = await runtime.ask({ op: "remaining" });
      assert.ok(Math.abs(wrongMs) < 2_000, `wrong by ${wrongMs} ms with ${offsetMs}`);
    }
  });
}

test(
  "needs as much memory after six thousand invocations as after the first thousand",
  async () => {
    // As where there is one processor: each thread more keeps what it has compiled.
    const env = { NODE_OPTIONS: "--v8-pool-size=1" };
    const [early, late] = await served({ command: shipped, env, events: 6_000, bytes: 100, looksAt: [1 / 6, 1] });
    assert.ok(early !== undefined && late !== undefined);
    // V8 doubles its young generation when enough of what invocations make outlives it: that is a megabyte and a half.
    assert.ok(late.anonymousKiB < early.anonymousKiB + 1_024, JSON.stringify([early, late]));
  },
  { timeoutMs },
);

test.run();

interface Look {
  readonly anonymousKiB: number;
  readonly descriptors: number;
  readonly threads: number;
}

interface Load {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly events: number;
  readonly bytes: number;
  /** Shares of the events after which to look. */
  readonly looksAt: readonly number[];
}

async function served({ command, env, events, bytes, looksAt }: Load): Promise<readonly Look[]> {
  const looks: Look[] = [];
  const done = Promise.withResolvers<void>();
  let answered = 0;
  const api = new PreparedApi(eventOf(bytes), {
    anyAnswer: false,
    onAnswer: () => {},
    onFault: (message) => done.reject(new Error(message)),
    onNext: () => {
      if (looksAt.some((share) => Math.round(share * events) === answered)) looks.push(look(child));
      if (answered === events) return done.resolve();
      answered += 1;
      api.send();
    },
  });
  const child = started(command, await api.listen(), "index.echo", env);
  child.on("close", (code, signal) => done.reject(new Error(`It ended after ${answered} with ${signal ?? code}`)));
  try {
    await done.promise;
    return looks;
  } finally {
    child.removeAllListeners("close");
    child.kill("SIGKILL");
    api.close();
  }
}

function look({ pid }: ChildProcess): Look {
  const anonymousKiB = Number(/^Anonymous:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]);
  return {
    anonymousKiB,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
  };
}

/** A runtime that is asked one thing after another; deadlines are five seconds away by a clock that may be wrong. */
async function conversed(command: readonly string[], clock: { readonly offsetMs: number }) {
  let waiting: ((response: string) => void) | undefined;
  let idle = Promise.withResolvers<(bytes: string) => void>();
  let output = "";
  const server = await rawServer(({ line, body, socket }) => {
    if (line.startsWith("GET")) return idle.resolve((bytes) => socket.write(bytes));
    waiting?.(body.toString());
    socket.write(plain(202, '{"status":"OK"}'));
  });
  const child = started(command, server.authority, "index.handler", {});
  child.stdout?.on("data", (text) => (output += text));
  return {
    child,
    /** What is left in the function's eyes, and how far that is from the deadline that it was given, at any speed. */
    async ask(event: object): Promise<{ readonly remaining: number; readonly wrongMs: number }> {
      const send = await idle.promise;
      idle = Promise.withResolvers();
      const answer = new Promise<string>((resolve) => (waiting = resolve));
      const deadline = Date.now() + clock.offsetMs + 5_000;
      const head = `Lambda-Runtime-Aws-Request-Id: id\r\nLambda-Runtime-Deadline-Ms: ${deadline}\r\n`;
      send(plain(200, JSON.stringify(event), head));
      const { remaining, at } = JSON.parse(await answer);
      return { remaining, wrongMs: at + remaining - deadline };
    },
    async printed(text: string): Promise<void> {
      while (!output.includes(text)) await once(child.stdout ?? child, "data");
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await server[Symbol.asyncDispose]();
    },
  };
}

function started(
  [file = "", ...args]: readonly string[],
  authority: string,
  handler: string,
  env: Readonly<Record<string, string>>,
): ChildProcess {
  return spawn(file, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: { AWS_LAMBDA_RUNTIME_API: authority, LAMBDA_TASK_ROOT: taskRoot, _HANDLER: handler, ...env },
  });
}
