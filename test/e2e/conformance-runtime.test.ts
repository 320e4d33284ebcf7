import { join } from "node:path";
import * as assert from "uvu/assert";
import { runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import { conformRuntime } from "../../src/conformance/run-runtime.ts";
import { capabilities } from "../../src/conformance/runtime-case.ts";
import { isolationOfThisMachine } from "../../src/emulator/supervisor/isolation.ts";
import { expected, verdicts } from "../conformance/expected.ts";
import { ourRuntime, testRuntime } from "../conformance/subjects.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("every case for runtimes");
const patient = { timeoutMs: 180_000 };
const root = join(import.meta.dirname, "../..");

/** A checkout under a path of which the environment has its own cannot be seen from inside. */
const covered = ["/tmp/", "/var/", "/opt/"].some((path) => root.startsWith(path));

for (const [name, subject] of [
  ["our bootstrap", ourRuntime()],
  ["the small runtime without a defect", testRuntime("none")],
  ...(isolationOfThisMachine().kind === "mounts" && !covered
    ? [["our bootstrap under Lambda's paths", ourRuntime("mounts")]]
    : []),
] as const) {
  test(
    `passes ${name}`,
    async () => {
      assert.ok(typeof subject === "object");
      const results = await conformRuntime({ subject, jobs: 4, declared: capabilities });
      assert.equal(verdicts(results), expected(runtimeCases, undefined));
    },
    patient,
  );
}

test.run();
