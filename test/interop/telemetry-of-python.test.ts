/** An extension on our SDK beside a function in another language: nothing of a thousand invocations is lost. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { emulate } from "../../src/emulator/emulate.ts";
import type { TelemetryBatch } from "../../src/extension/telemetry/outbox.ts";
import { buildLayer } from "../../src/layer/build-layer.ts";
import { openLocalLayer } from "../../src/layer/local-layer.ts";
import { skip, suite } from "../helpers/suite.ts";
import { buildSubject, missingTools, subjects } from "./subjects.ts";

const test = suite("the telemetry of a Python function");
const invocations = 1_000;

test(
  "is whole after a thousand invocations with freezes between them",
  async () => {
    const python = subjects.find(({ name }) => name === "awslambdaric");
    assert.ok(python);
    if (python === undefined) return;
    const missing = missingTools(python);
    if (missing.length > 0) skip(`there is no ${missing.join(", ")}`, { allowed: process.env.CI !== "true" });
    const { command, fixture } = await buildSubject(python);
    const root = mkdtempSync(join(tmpdir(), "bootlace-test-"));
    const runtime = await openLocalLayer();
    try {
      const [task, out] = [join(root, "task"), join(root, "out")];
      mkdirSync(task);
      cpSync(join(fixture.folder, "app.py"), join(task, "app.py"));
      writeFileSync(join(task, "bootstrap"), `#!/bin/sh\nexec ${command.join(" ")}\n`, { mode: 0o755 });
      const entry = join(import.meta.dirname, "../fixtures/extensions/to-file.ts");
      const extensions = [{ name: "to-file", entry }];
      const layer = await buildLayer({ outFile: join(root, "l.zip"), level: 1, extensions, bootstrap: "absent" });
      const { requestIds, shutdownMs } = await invokeAll(task, [runtime.folder, layer.file], out);
      const batches: readonly TelemetryBatch[] = readFileSync(out, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      const records = batches.flatMap((batch) => batch.records);
      for (const type of ["platform.start", "platform.runtimeDone", "platform.report"]) {
        const ids = records.flatMap((record) =>
          record.type === type && "record" in record ? [Reflect.get(Object(record.record), "requestId")] : [],
        );
        assert.equal(ids, requestIds, type);
      }
      const lines = records.filter(({ type }) => type === "function");
      assert.is(lines.length, invocations * 2, "two lines of each");
      assert.ok(shutdownMs < 2_300, `the end took ${shutdownMs} ms`);
    } finally {
      runtime.remove();
      rmSync(root, { recursive: true, force: true });
    }
  },
  { timeoutMs: 290_000 },
);

async function invokeAll(task: string, layers: readonly string[], out: string) {
  const requestIds: string[] = [];
  await using lambda = await emulate({
    task,
    layers,
    handler: "app.handler",
    environment: { TO_FILE: out },
    isolation: { kind: "none", reason: "the test reads what it writes" },
    timeoutMs: 30_000,
  });
  for (let index = 0; index < invocations; index += 1) {
    const { requestId, functionError, logTail, payload } = await lambda.invoke({ op: "log", lines: 2 });
    assert.is(functionError, undefined, Buffer.from(payload).toString());
    await logTail;
    requestIds.push(requestId);
  }
  const closingAt = performance.now();
  await lambda.close();
  return { requestIds, shutdownMs: performance.now() - closingAt };
}

test.run();
