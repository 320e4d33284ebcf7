/** An extension written with the SDK beside a real function: everything that happened is passed on, once. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { emulate } from "../../src/emulator/emulate.ts";
import type { TelemetryBatch } from "../../src/extension/telemetry/outbox.ts";
import type { TelemetryRecord } from "../../src/extension/telemetry/record.ts";
import { buildLayer } from "../../src/layer/build-layer.ts";
import { openLocalLayer } from "../../src/layer/local-layer.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("an extension that collects telemetry");
const root = mkdtempSync(join(tmpdir(), "bootlace-test-"));
const runtime = await openLocalLayer();
test.after(() => {
  runtime.remove();
  rmSync(root, { recursive: true, force: true });
});
const entry = join(import.meta.dirname, "../fixtures/extensions/to-file.ts");
const { file: layer } = await buildLayer({
  outFile: join(root, "to-file.zip"),
  level: 1,
  extensions: [{ name: "to-file", entry }],
  bootstrap: "absent",
});

const invocations = 20;

async function run(name: string, variables: Readonly<Record<string, string>>) {
  const out = join(root, name);
  const requestIds: string[] = [];
  await using lambda = await emulate({
    task: join(import.meta.dirname, "../../examples/hello"),
    layers: [runtime.folder, layer],
    // What the extension writes is read from outside.
    isolation: { kind: "none", reason: "the test reads what it writes" },
    environment: { TO_FILE: out, ...variables },
    timeoutMs: 10_000,
  });
  for (let index = 0; index < invocations; index += 1) {
    const { requestId, logTail, functionError, payload } = await lambda.invoke({});
    assert.is(functionError, undefined, Buffer.from(payload).toString());
    await logTail;
    requestIds.push(requestId);
  }
  const lost = await lambda.lostWork();
  // The delivery of telemetry is the environment's own doing.
  assert.equal(
    lost.filter(({ kind }) => kind === "connection"),
    [],
  );
  await lambda.close();
  const lines = readFileSync(out, "utf8").trimEnd().split("\n");
  const attempts: readonly TelemetryBatch[] = lines.map((line) => JSON.parse(line));
  return { requestIds, attempts };
}

function requestIdOf(record: TelemetryRecord): unknown {
  return "record" in record ? Reflect.get(Object(record.record), "requestId") : undefined;
}

for (const [name, variables] of [
  ["at each invocation over HTTP", {}],
  ["at each invocation over TCP", { TO_FILE_PROTOCOL: "TCP" }],
  ["from time to time", { TO_FILE_FLUSH: "periodic" }],
  ["at the end", { TO_FILE_FLUSH: "shutdown" }],
  ["at each invocation to a backend that fails at first", { TO_FILE_FAILURES: "5" }],
] as const) {
  test(
    `passes it on ${name}`,
    async () => {
      const { requestIds, attempts } = await run(name, variables);
      const failures = "TO_FILE_FAILURES" in variables ? Number(variables.TO_FILE_FAILURES) : 0;
      const taken = attempts.slice(failures);
      assert.equal(
        attempts.slice(0, failures + 1).map(({ number, attempt }) => [number, attempt]),
        Array.from({ length: failures + 1 }, (_, index) => [1, index + 1]),
      );
      const records = taken.flatMap((batch) => batch.records);
      for (const type of ["platform.start", "platform.runtimeDone", "platform.report"])
        assert.equal(
          records.flatMap((record) => (record.type === type ? [requestIdOf(record)] : [])),
          requestIds,
          type,
        );
      assert.is(records.filter(({ type }) => type === "function").length, invocations);
      assert.is(
        taken.reduce((sum, { dropped }) => sum + dropped, 0),
        0,
      );
    },
    { timeoutMs: 120_000 },
  );
}

test.run();
