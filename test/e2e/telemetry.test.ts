/** Telemetry heard by an extension that is a real process, and by AWS's own names of its host. */
import { chmodSync, copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { emulate } from "../../src/emulator/emulate.ts";
import type { FunctionOptions } from "../../src/emulator/function-options.ts";
import { isolationOfThisMachine } from "../../src/emulator/supervisor/isolation.ts";
import { natProblem } from "../../src/emulator/supervisor/network.ts";
import { telemetryEvent } from "../../src/protocol/schema/telemetry-event.ts";
import type { ReadEvent } from "../emulator/telemetry-listener.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("a real extension");
const fixtures = join(import.meta.dirname, "../fixtures");
const isolation = isolationOfThisMachine();
const mounts = isolation.kind === "mounts";

/** Invokes a function with such an extension (what is in a list at the same time) and gives what the extension wrote that it had heard. */
async function heardIn(
  hears: string,
  misbehaviour: string,
  events: readonly object[],
  options: Partial<FunctionOptions> = {},
) {
  const opt = mkdtempSync(join(tmpdir(), "hears-"));
  try {
    mkdirSync(join(opt, "extensions"));
    copyFileSync(join(fixtures, "extensions/hears-telemetry"), join(opt, "extensions/hears-telemetry"));
    chmodSync(join(opt, "extensions/hears-telemetry"), 0o755);
    copyFileSync(join(fixtures, "extensions/hears-telemetry.mjs"), join(opt, "hears-telemetry.mjs"));
    if (mounts) place(process.execPath, join(opt, "node"));
    const lines: string[] = [];
    const emulated = await emulate({
      task: join(fixtures, "bootstraps/node"),
      layers: [opt],
      isolation,
      timeoutMs: 10_000,
      environment: {
        NODE: mounts ? "/opt/node" : process.execPath,
        MISBEHAVIOUR: misbehaviour,
        HEARS: hears,
        ...(options.network === undefined ? {} : { HEARS_ON: "4243" }),
      },
      observer: () => ({ log: ({ text }) => lines.push(text) }),
      ...options,
    });
    const ids: string[] = [];
    try {
      for (const event of events) {
        const together = Array.isArray(event) ? event : [event];
        const results = await Promise.all(together.map((each) => emulated.invoke(each)));
        ids.push(...results.map(({ requestId }) => requestId));
        await Promise.all(results.map(({ logTail }) => logTail));
      }
    } finally {
      await emulated.close();
    }
    const heard = lines.flatMap((line): readonly ReadEvent[][] =>
      line.startsWith("HEARD ") ? [JSON.parse(line.slice(6))] : [],
    );
    return { heard, ids, lines };
  } finally {
    rmSync(opt, { recursive: true, force: true });
  }
}

function place(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

for (const hears of mounts ? ["sandbox.localdomain", "sandbox", "0.0.0.0"] : ["0.0.0.0"]) {
  test(`listens on ${hears} and hears two invocations to their reports`, async () => {
    const { heard, ids } = await heardIn(hears, "answers", [
      { op: "echo", value: 1 },
      { op: "echo", value: 2 },
    ]);
    const events = heard[0] ?? [];
    const schema = telemetryEvent("Telemetry", "2025-01-29");
    assert.equal(
      events.filter((event) => !schema.safeParse(event).success),
      [],
    );
    const platform = events.filter(({ type }) => type.startsWith("platform.")).map(({ type }) => type.slice(9));
    const invocation = ["start", "runtimeDone", "report"];
    const init = ["initStart", "telemetrySubscription", "initRuntimeDone", "extension", "initReport"];
    assert.equal(platform, [...init, ...invocation, ...invocation]);
    const reports = events.filter(({ type }) => type === "platform.report").map(({ record }) => record);
    assert.equal(
      reports.map(({ requestId }) => requestId),
      ids,
    );
    const [cold, warm] = reports.map(({ metrics }) => metrics);
    assert.ok(cold.initDurationMs > 0 && warm.initDurationMs === undefined);
    assert.ok(cold.maxMemoryUsedMB > 10, "measured");
    assert.ok(
      events.some(({ type, record }) => type === "extension" && /^heard \d+\n$/.test(record)),
      "hears itself",
    );
    assert.ok(events.length < 200, "and comes to rest when it is frozen");
  });
}

for (const network of ["none", "nat"] as const) {
  test(`hears its own environment alone on a port that two of them have, each in a network "${network}"`, async () => {
    const problem = mounts ? network === "nat" && natProblem() : isolation.reason;
    if (problem) return console.log(`skipped: ${problem}`);
    const together = [[{ op: "echo" }, { op: "echo" }]];
    const { heard, ids } = await heardIn("sandbox.localdomain", "answers", together, { network });
    const started = heard.map((events) => events.filter(({ type }) => type === "platform.start"));
    assert.equal(
      started.map(({ length }) => length),
      [1, 1],
    );
    assert.equal(new Set(started.flat().map(({ record }) => record.requestId)), new Set(ids));
  });
}

test("hears of a crash before it is shut down, and of its report in the Init that follows it", async () => {
  const { heard, ids } = await heardIn(mounts ? "sandbox.localdomain" : "0.0.0.0", "exits-after-response", [{}, {}]);
  assert.is(heard.length, 2);
  for (const [index, events] of heard.entries()) {
    const subscribed = events.find(({ type }) => type === "platform.telemetrySubscription")?.record;
    assert.is(subscribed?.state, index === 0 ? "Subscribed" : "Already subscribed");
    const report = events.find(({ type }) => type === "platform.report")?.record;
    assert.equal([report?.requestId, report?.status], index === 0 ? [undefined, undefined] : [ids[0], "error"]);
    assert.is(events.find(({ type }) => type === "platform.initStart")?.record.phase, index === 0 ? "init" : "invoke");
    const { requestId, status, errorType } = events.find(({ type }) => type === "platform.runtimeDone")?.record ?? {};
    assert.equal([requestId, status, errorType], [ids[index], "error", "Runtime.ExitError"]);
  }
});

test.run();
