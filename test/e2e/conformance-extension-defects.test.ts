import * as assert from "uvu/assert";
import { extensionCases } from "../../src/conformance/cases/catalogue.ts";
import { sample, seed } from "../conformance/choice.ts";
import { extensionDefects } from "../conformance/defects.ts";
import { expected, verdicts, withDependencies } from "../conformance/expected.ts";
import { judgeTestExtension } from "../conformance/subjects.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("every broken extension");
const patient = { timeoutMs: 120_000 };

/** Each with its own case, and with some others: all of them with CONFORMANCE_FULL=1, which takes a quarter of an hour. */
const full = process.env.CONFORMANCE_FULL === "1";
const quick = extensionCases.filter(({ slow }) => slow !== true);

for (const [index, [defect, id]] of extensionDefects.entries()) {
  test(
    `finds "${defect}" by ${id} and by nothing else (CONFORMANCE_SEED=${seed})`,
    async () => {
      const others = full ? quick : sample(quick, 2, seed + index);
      const own = [id, ...others.map((other) => other.id)].flatMap((each) => withDependencies(extensionCases, each));
      const cases = extensionCases.filter((candidate) => own.includes(candidate));
      assert.equal(verdicts(await judgeTestExtension(defect, cases)), expected(cases, id));
    },
    patient,
  );
}

test.run();
