import * as assert from "uvu/assert";
import { runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import { conformRuntime } from "../../src/conformance/run-runtime.ts";
import { suite } from "../helpers/suite.ts";
import { expected, ourRuntime, runtimeDefects, sample, seed, testRuntime, verdicts } from "./subjects.ts";

const test = suite("conformance of runtimes");
const patient = { timeoutMs: 60_000 };

test(
  "passes our bootstrap",
  async () => {
    assert.equal(verdicts(await conformRuntime({ subject: ourRuntime() })), expected(runtimeCases, undefined));
  },
  patient,
);

for (const [defect, id] of sample(runtimeDefects, 2, seed)) {
  test(
    `finds "${defect}" (CONFORMANCE_SEED=${seed})`,
    async () => {
      const results = await conformRuntime({ subject: testRuntime(defect) });
      assert.equal(verdicts(results), expected(runtimeCases, id));
    },
    patient,
  );
}

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

test.run();
