import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import { conformRuntime } from "../../src/conformance/run-runtime.ts";
import { capabilities } from "../../src/conformance/runtime-case.ts";
import { suite } from "../helpers/suite.ts";
import { sample, seed } from "./choice.ts";
import { runtimeDefects } from "./defects.ts";
import { expected, verdicts, withDependencies } from "./expected.ts";
import { ourRuntime, testRuntime } from "./subjects.ts";

const test = suite("conformance of runtimes");
const patient = { timeoutMs: 60_000 };

/** What takes seconds by its nature is for the longer suite, which has all cases and all defects as well. */
const quick = runtimeCases.filter(({ slow }) => slow !== true);

test(
  `passes our bootstrap (CONFORMANCE_SEED=${seed})`,
  async () => {
    using cache = compileCache();
    const subject = { ...ourRuntime(), command: [...cache.words, ...ourRuntime().command] };
    spawnSync(subject.command[0] ?? "", subject.command.slice(1), { env: { AWS_LAMBDA_RUNTIME_API: "127.0.0.1:1" } });
    const chosen = sample(quick, 8, seed).flatMap(({ id }) => withDependencies(quick, id));
    const cases = quick.filter((candidate) => chosen.includes(candidate));
    const results = await conformRuntime({ subject, cases, jobs: 6, declared: capabilities });
    assert.equal(verdicts(results), expected(cases, undefined));
  },
  patient,
);

for (const [defect, id] of sample(runtimeDefects, 1, seed)) {
  test(
    `finds "${defect}" (CONFORMANCE_SEED=${seed})`,
    async () => {
      const cases = withDependencies(runtimeCases, id);
      const results = await conformRuntime({ subject: testRuntime(defect), cases, declared: capabilities });
      assert.equal(verdicts(results), expected(cases, id));
    },
    patient,
  );
}

test(
  "says not applicable what the subject does not declare",
  async () => {
    const cases = runtimeCases.filter(({ id }) => id === "RT-STR-001");
    const results = await conformRuntime({ subject: ourRuntime(), cases });
    assert.equal(verdicts(results), ["RT-STR-001 not-applicable"]);
  },
  patient,
);

test(
  "says not applicable where the fixture cannot do what a case needs",
  async () => {
    const subject = ourRuntime();
    const fixture = { ...subject.fixture, operations: [], init: {} };
    const cases = runtimeCases.filter(({ id }) => id === "RT-INV-016" || id === "RT-INI-001");
    const results = await conformRuntime({ subject: { ...subject, fixture }, cases });
    assert.equal(verdicts(results), ["RT-INV-016 not-applicable", "RT-INI-001 not-applicable"]);
  },
  patient,
);

/** Dozens of processes need not compile the same sources: the first one leaves them compiled. */
function compileCache(): Disposable & { readonly words: readonly string[] } {
  const folder = mkdtempSync(join(tmpdir(), "bootlace-test-"));
  return {
    words: ["/usr/bin/env", `NODE_COMPILE_CACHE=${folder}`],
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

test.run();
