/** The runtimes in examples/: each is short, and does what Lambda demands of a runtime. */
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import * as assert from "uvu/assert";
import { runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import { readFixture } from "../../src/conformance/fixture.ts";
import { linesOfResult } from "../../src/conformance/report.ts";
import { selectCases } from "../../src/conformance/run-cases.ts";
import { conformRuntime } from "../../src/conformance/run-runtime.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("example runtimes:");
const root = join(import.meta.dirname, "../..");

const examples = [
  { name: "shell", fixture: "test/fixtures/runtimes/shell", tool: "bash", applies: 25 },
  { name: "python", fixture: "test/interop/awslambdaric", tool: "python3", applies: 35 },
  { name: "wasi", fixture: "test/fixtures/runtimes/wasi-c", tool: "sh", applies: 25 },
  { name: "wasi", fixture: "test/fixtures/runtimes/wasi-rust", tool: "sh", applies: 25 },
  { name: "fetch", fixture: "test/fixtures/runtimes/fetch", tool: "sh", applies: 35 },
];

for (const { name, fixture, tool, applies } of examples) {
  test(
    `${name} with ${fixture} holds every MUST`,
    async () => {
      const found = (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, tool)));
      assert.ok(found, `There is no ${tool}`);
      const results = await conformRuntime({
        subject: {
          command: [process.execPath, join(root, `examples/runtime-${name}/bootstrap.ts`)],
          fixture: readFixture(join(root, fixture), undefined),
          folders: "paths",
        },
        cases: selectCases(runtimeCases, { level: "must" }),
        jobs: 4,
        timeScale: 3,
      });
      const failed = results.filter(({ verdict }) => verdict.type === "failed" || verdict.type === "not-reached");
      assert.equal(failed.flatMap(linesOfResult), []);
      assert.ok(results.filter(({ verdict }) => verdict.type === "passed").length >= applies);
    },
    { timeoutMs: 290_000 },
  );
}

test("each is shorter than 150 lines", () => {
  for (const { name } of examples) {
    const lines = readFileSync(join(root, `examples/runtime-${name}/bootstrap.ts`), "utf8").split("\n").length;
    assert.ok(lines < 150, name);
  }
});

test.run();
