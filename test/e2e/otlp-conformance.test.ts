/** The layer of the extension `otlp`, judged as anybody's would be. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { buildLayer } from "../../src/layer/build-layer.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the layer of the extension otlp");
const root = mkdtempSync(join(tmpdir(), "bootlace-test-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

test(
  "passes every case for an extension with telemetry",
  async () => {
    const { file } = await buildLayer({
      outFile: join(root, "otlp.zip"),
      level: 1,
      extensions: ["otlp"],
      bootstrap: "absent",
    });
    const report = join(root, "report.json");
    const words = ["conformance", "run", "extension", "--layer", file, "--declare", "telemetry", "--level", "may"];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(import.meta.dirname, "../../src/cli/main.ts"), ...words, `--report=json=${report}`],
      { encoding: "utf8" },
    );
    assert.is(status, 0, stdout + stderr);
    const { results }: { results: readonly { id: string; verdict: { type: string } }[] } = JSON.parse(
      readFileSync(report, "utf8"),
    );
    assert.ok(results.some(({ id, verdict }) => id.startsWith("EXT-TEL-") && verdict.type === "passed"));
  },
  { timeoutMs: 500_000 },
);

test.run();
