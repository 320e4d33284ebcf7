import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { emulate } from "../../src/emulator/emulate.ts";
import { buildFunction } from "../../src/layer/build-function.ts";
import { openLocalLayer } from "../../src/layer/local-layer.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the probe in examples/");
const root = mkdtempSync(join(tmpdir(), "bootlace-probe-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

test("tells what its start has read and waited for, and where it runs", async () => {
  const { outDir } = await buildFunction({
    directory: join(import.meta.dirname, "../../examples/probe"),
    outDir: join(root, "task"),
  });
  const layer = await openLocalLayer();
  try {
    await using lambda = await emulate({ task: outDir, layers: [layer.folder], handler: "index.handler" });
    // as: a function's answer; each field is looked at below.
    const told = (await lambda.invoke({})).json() as Readonly<Record<string, unknown>> & {
      readonly initialised: Readonly<Record<string, number>>;
      readonly libraries: readonly string[];
      readonly mounts: readonly string[];
    };
    assert.is(told.first, true);
    for (const cost of ["majorFaults", "minorFaults", "readBytes", "residentKb", "sinceBootMs"])
      assert.ok(Number.isInteger(told.initialised[cost]), `${cost}: ${told.initialised[cost]}`);
    assert.ok((told.initialised.minorFaults ?? 0) > 1_000);
    assert.ok(told.libraries.some((path) => path.includes("libstdc++")));
    assert.ok(told.mounts.length > 0);
    assert.is(told.node, process.version);
  } finally {
    layer.remove();
  }
});

test.run();
