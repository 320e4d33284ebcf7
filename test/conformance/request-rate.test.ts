/** How often a subject asks, on a machine that is quiet and on one that is not. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { judgeRate } from "../../src/conformance/judge-process.ts";
import { ProcessorWait } from "../../src/conformance/processor-wait.ts";
import type { SubjectEvidence } from "../../src/conformance/subject-evidence.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the rate of requests");
const request = { method: "GET", path: "/2018-06-01/runtime/invocation/next" } as const;

/** So many requests at equal distances, of each of which the subject has waited so long for a processor. */
function asked(count: number, everyMs: number, waitedMs?: number): SubjectEvidence {
  const body = Buffer.alloc(0);
  const exchanges = Array.from({ length: count }, (_, index) => ({
    connection: 1,
    at: index * everyMs,
    request: { head: `${request.method} ${request.path} HTTP/1.1`, body },
  }));
  const waited = new Map(exchanges.map((exchange, index) => [exchange, index * (waitedMs ?? 0)]));
  return {
    startedAt: 0,
    exchanges,
    faults: [],
    exits: [],
    starts: 1,
    connections: 1,
    moments: {},
    floorMs: 0,
    samples: [],
    output: [],
    written: "",
    ...(waitedMs === undefined ? {} : { waitedMs: waited }),
  };
}

const table = [
  ["30 in a third of a second", asked(30, 10), "30 in all"],
  ["as many as are allowed, all at once", asked(20, 0), undefined],
  ["30 in three seconds, where nobody looked", asked(30, 100), undefined],
  ["30 in three seconds, of which the subject slept all", asked(30, 100, 0), undefined],
  ["30 in three seconds, of which the subject slept half", asked(30, 100, 49), undefined],
  [
    "30 in nine seconds in which the subject never slept",
    asked(30, 300, 299),
    "30 in all, and 21 of them in 20 ms without what they waited for a processor",
  ],
] as const;

for (const [name, evidence, saw] of table) {
  test(`judgeRate() ${saw === undefined ? "has nothing to say to" : "blames"} ${name}`, () => {
    const found = judgeRate({ type: "request-rate", request, perSecondMax: 20 }, evidence);
    assert.is(found !== undefined && "saw" in found ? found.saw : undefined, saw);
  });
}

test("what processes wait for a processor is told, and of others nothing", async () => {
  const [first] = /^Cpus_allowed_list:\s+(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.slice(1) ?? [];
  const busy = (variable: string) =>
    spawn("taskset", ["-c", first ?? "0", "sh", "-c", "while :; do :; done"], {
      env: { PATH: process.env.PATH, BOOTLACE_TEST_BUSY: variable },
      stdio: "ignore",
    });
  const [mine, other] = [`${process.pid}-mine`, `${process.pid}-other`];
  // Before there is one: who begins later is found as well.
  const wait = new ProcessorWait(`BOOTLACE_TEST_BUSY=${mine}`);
  const rivals = [busy(mine), busy(other)];
  try {
    const nobody = new ProcessorWait(`BOOTLACE_TEST_BUSY=${process.pid}-nobody`);
    while (wait.ms() < 200 + nobody.ms()) await new Promise<void>((resolve) => setImmediate(resolve));
    assert.ok(wait.ms() >= 200);
  } finally {
    for (const rival of rivals) rival.kill("SIGKILL");
  }
});

test("a machine that stood still takes little of the time that a subject is given", async () => {
  const wait = new ProcessorWait(`BOOTLACE_TEST_BUSY=${process.pid}-nobody`);
  const stands = (ms: number) => async () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  assert.ok((await wait.ownMs(stands(1_000))) <= 200);
  assert.ok((await wait.ownMs(stands(1))) < 100);
});

test.run();
