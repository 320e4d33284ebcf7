import * as assert from "uvu/assert";
import { extensionCases } from "../../src/conformance/cases/catalogue.ts";
import { conformExtension } from "../../src/conformance/run-extension.ts";
import { suite } from "../helpers/suite.ts";
import { sample, seed } from "./choice.ts";
import { extensionDefects } from "./defects.ts";
import { expected, verdicts, withDependencies } from "./expected.ts";
import { judgeTestExtension, ourExtension } from "./subjects.ts";

const test = suite("conformance of extensions");
const patient = { timeoutMs: 60_000 };

/** What takes seconds by its nature is for the longer suite. */
const quick = extensionCases.filter(({ slow }) => slow !== true);
const quickDefects = extensionDefects.filter(([, id]) => quick.some((candidate) => candidate.id === id));

test(
  `passes the extension that this package ships (CONFORMANCE_SEED=${seed})`,
  async () => {
    const plain = quick.filter(({ declares }) => declares === undefined);
    const chosen = sample(plain, 8, seed).flatMap(({ id }) => withDependencies(extensionCases, id));
    const cases = plain.filter((candidate) => chosen.includes(candidate));
    const results = await conformExtension({ subject: ourExtension(), cases, jobs: 6 });
    assert.equal(verdicts(results), expected(cases, undefined));
  },
  patient,
);

for (const [defect, id] of sample(quickDefects, 2, seed)) {
  test(
    `finds "${defect}" (CONFORMANCE_SEED=${seed})`,
    async () => {
      const cases = withDependencies(extensionCases, id);
      assert.equal(verdicts(await judgeTestExtension(defect, cases)), expected(cases, id));
    },
    patient,
  );
}

test("says not applicable what the subject does not declare", async () => {
  const cases = extensionCases.filter(({ id }) => id === "EXT-TEL-001" || id === "EXT-INT-001");
  const results = await conformExtension({ subject: ourExtension(), cases });
  assert.equal(verdicts(results), ["EXT-TEL-001 not-applicable", "EXT-INT-001 not-applicable"]);
});

test("keeps all that was seen of a case", async () => {
  const kept: string[] = [];
  const cases = extensionCases.filter(({ id }) => id === "EXT-REG-014");
  await conformExtension({
    subject: ourExtension(),
    cases,
    keep: (id, { exchanges, stdout, stderr, journal }) => {
      kept.push(id, `${exchanges.length} exchanges`, stdout, stderr, String(JSON.parse(journal).type));
    },
  });
  const printed = "[lifecycle] registered for conformance, version $LATEST\n";
  assert.equal(kept, ["EXT-REG-014", "2 exchanges", printed, "", "init"]);
});

test.run();
