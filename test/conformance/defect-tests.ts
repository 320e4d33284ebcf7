import { availableParallelism } from "node:os";
import * as assert from "uvu/assert";
import type { CaseFacts } from "../../src/conformance/case.ts";
import { runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import { conformRuntime } from "../../src/conformance/run-runtime.ts";
import { capabilities } from "../../src/conformance/runtime-case.ts";
import type { CaseResult } from "../../src/conformance/verdict.ts";
import { suite } from "../helpers/suite.ts";
import { begun, sample, seed } from "./choice.ts";
import { type Defect, runtimeDefects } from "./defects.ts";
import { unexpected, verdicts, withDependencies } from "./expected.ts";
import { testRuntime } from "./subjects.ts";

interface DefectTests<Case extends CaseFacts> {
  readonly all: readonly Case[];
  readonly defects: readonly Defect[];
  /** How many other cases each broken subject is given. */
  readonly others: number;
  readonly judge: (defect: string, cases: readonly Case[]) => Promise<readonly CaseResult[]>;
}

/** Each with two cases at once, and beside other files: more would be late for that alone. */
const atOnce = availableParallelism();

/** A test for each broken subject: its own case finds it, and of a sample of the others none does. */
export function testDefects<Case extends CaseFacts>(
  test: ReturnType<typeof suite>,
  { all, defects, others, judge }: DefectTests<Case>,
): void {
  const quick = all.filter(({ slow }) => slow !== true);
  const judged = begun(defects, atOnce, async (defect) => {
    const [name, id] = defect;
    const chosen = [id, ...sample(quick, others, seed + numberOf(name)).map((other) => other.id)];
    const needed = new Set(chosen.flatMap((each) => withDependencies(all, each)));
    return judge(
      name,
      all.filter((candidate) => needed.has(candidate)),
    );
  });
  for (const defect of defects) {
    const [name, id] = defect;
    test(
      `finds "${name}" by ${id} and by nothing else (CONFORMANCE_SEED=${seed})`,
      async () => {
        const results = (await judged.get(defect)) ?? [];
        assert.equal(unexpected(results, id), []);
        assert.ok(verdicts(results).includes(`${id} failed`));
      },
      // All begin together, so the first of them waits for its share of the machine.
      { timeoutMs: 400_000 },
    );
  }
}

/** The broken runtimes whose own case belongs to one of these groups: a part of them is what one test file has the time for. */
export function testRuntimeDefects(name: string, groups: readonly string[]): void {
  const test = suite(name);
  testDefects(test, {
    all: runtimeCases,
    defects: runtimeDefects.filter(([, id]) => groups.includes(id.split("-")[1] ?? "")),
    others: 8,
    judge: (defect, cases) => conformRuntime({ subject: testRuntime(defect), cases, jobs: 2, declared: capabilities }),
  });
  test.run();
}

/** Another sample for each, which stays its own when others join it. */
function numberOf(name: string): number {
  return [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_009, 0);
}
