/** Our own runtime, as one executable, on every kind of environment: real processes, nothing played. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { type Emulated, emulate } from "../../src/emulator/emulate.ts";
import type { ExecutionEnvironment } from "../../src/emulator/execution-environment.ts";
import type { FunctionOptions } from "../../src/emulator/function-options.ts";
import { InvocationRefusedError } from "../../src/emulator/invocation.ts";
import { openLocalLayer } from "../../src/layer/local-layer.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the runtime");

const layer = await openLocalLayer();
const task = mkdtempSync(join(tmpdir(), "bootlace-modes-"));

/** The hooks are found as the runtime shares them between the copies of its package in one process. */
writeFileSync(
  join(task, "index.mjs"),
  `
  const hooks = globalThis[Symbol.for("bootlace.hooks")];
  const told = [];
  const instance = crypto.randomUUID();
  hooks.beforeSnapshot.push(() => { told.push("before") });
  hooks.afterRestore.push(() => {
    told.push("after");
    if (process.env.HOOK === "throws") throw new Error("no way back");
  });
  let inHand = 0;
  let most = 0;
  const everybody = Promise.withResolvers();
  export const handler = async ({ waitFor = 0, never = false, crash = false }) => {
    if (crash) process.exit(7);
    inHand += 1;
    most = Math.max(most, inHand);
    if (waitFor > 0 && inHand >= waitFor) everybody.resolve();
    if (waitFor > 0) await everybody.promise;
    if (never) await new Promise((resolve) => setTimeout(resolve, 60_000));
    inHand -= 1;
    return { most, told, type: process.env.AWS_LAMBDA_INITIALIZATION_TYPE, instance };
  };
`,
);

interface Ran {
  readonly emulated: Emulated;
  readonly lines: readonly string[];
}

async function running(options: Partial<FunctionOptions>, work: (ran: Ran) => Promise<void>): Promise<void> {
  const lines: string[] = [];
  const observer = () => ({ log: ({ text }: { text: string }) => lines.push(text) });
  await using emulated = await emulate({ task, layers: [layer.folder], timeoutMs: 20_000, observer, ...options });
  await work({ emulated, lines });
}

/** Resolves to the first environment when so many of its workers wait for an event. */
async function workersWait(emulated: Emulated, count: number): Promise<ExecutionEnvironment> {
  const [environment] = await emulated.environments();
  if (environment === undefined) throw new Error("There is no environment");
  for (;;) {
    const { runtime } = environment.state;
    if (runtime.at === "serving" && runtime.nextCalls.length === count) return environment;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("takes eight invocations at once on Managed Instances, in one process", () =>
  running({ profile: "lmi", maxConcurrency: 8 }, async ({ emulated }) => {
    // One alone first: the environment is there, and the eight find all of its workers waiting or on their way.
    await emulated.invoke({});
    await workersWait(emulated, 8);
    const results = await Promise.all(Array.from({ length: 8 }, () => emulated.invoke({ waitFor: 8 })));
    const answers = results.map((result) => result.json() as { most: number; instance: string; type: string }); // the handler's own
    assert.is(Math.max(...answers.map(({ most }) => most)), 8);
    assert.is(new Set(answers.map(({ instance }) => instance)).size, 1);
    assert.is(answers[0]?.type, "lambda-managed-instances");
  }));

test("goes on after a time-out on Managed Instances, in the same process", () =>
  running({ profile: "lmi", maxConcurrency: 2, timeoutMs: 1_000 }, async ({ emulated }) => {
    const before = (await emulated.invoke({})).json() as { instance: string };
    const late = await emulated.invoke({ never: true });
    assert.equal(late.json(), { errorType: "Sandbox.Timedout", errorMessage: "Task timed out after 1.00 seconds" });
    const after = (await emulated.invoke({})).json() as { instance: string };
    assert.is(after.instance, before.instance);
  }));

test("takes everybody in hand along when it crashes on Managed Instances, and another process serves the next", () =>
  running({ profile: "lmi", maxConcurrency: 2 }, async ({ emulated }) => {
    const before = (await emulated.invoke({})).json() as { instance: string };
    const first = await workersWait(emulated, 2);
    const waiting = emulated.invoke({ never: true });
    while (Object.keys(first.state.invocations).length === 0) await new Promise((resolve) => setImmediate(resolve));
    const results = await Promise.all([waiting, emulated.invoke({ crash: true })]);
    for (const { requestId, json } of results) {
      const errorMessage = `RequestId: ${requestId} Error: Runtime exited with error: exit status 7`;
      assert.equal(json(), { errorType: "Runtime.ExitError", errorMessage });
    }
    const after = (await emulated.invoke({})).json() as { instance: string };
    assert.is.not(after.instance, before.instance);
  }));

test("runs its hooks around a snapshot", () =>
  running({ snapStart: true }, async ({ emulated, lines }) => {
    const result = await emulated.invoke({});
    await result.logTail;
    const { told, type } = result.json() as { told: readonly string[]; type: string };
    assert.equal([told, type], [["before", "after"], "snap-start"]);
    assert.match(
      lines.join("\n"),
      /^INIT_REPORT [^\n]*\nRESTORE_REPORT Restore Duration: \d+\.\d\d ms\nSTART [^\n]*\nEND [^\n]*\nREPORT [^\n]*\tRestore Duration: \d+\.\d\d ms\tBilled Restore Duration: \d+ ms\t$/,
    );
    assert.equal((await emulated.invoke({})).json(), { ...(result.json() as object) }, "restored once");
  }));

test("reports a hook that fails after the restore, and exits; the next invocation has a snapshot of its own", () =>
  running({ snapStart: true, environment: { HOOK: "throws" } }, async ({ emulated, lines }) => {
    for (let round = 1; round <= 2; round++) {
      const error = await emulated.invoke({}).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      assert.instance(error, InvocationRefusedError);
      const [environment] = await emulated.environments();
      await environment?.available();
      const reports = lines.filter((line) => line.startsWith("RESTORE_REPORT"));
      assert.is(reports.length, round);
      assert.match(reports.at(-1) ?? "", /\tStatus: error\tError Type: Runtime\.AfterRestoreError$/);
    }
  }));

test("is initialised ahead where it is provisioned", () =>
  running({ provisioned: 2 }, async ({ emulated }) => {
    const environments = await emulated.environments();
    assert.equal(
      environments.map(({ state }) => state.phase.at),
      ["idle", "idle"],
    );
    const { type } = (await emulated.invoke({})).json() as { type: string };
    assert.is(type, "provisioned-concurrency");
  }));

test.after(() => {
  layer.remove();
  rmSync(task, { recursive: true });
});

test.run();
