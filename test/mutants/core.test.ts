/** Each named mutant of the core must fail the core's own tests or the search. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { findingWithoutMutant, survivorsOf } from "./laboratory.ts";
import type { Mutant } from "./mutant.ts";
import { mutants } from "./mutants.ts";

const test = suite("mutants:");

const root = join(import.meta.dirname, "../..");

test("are as many as there are decisions, and each has a name of its own", () => {
  assert.ok(mutants.length >= 400, `${mutants.length} mutants`);
  assert.is(new Set(mutants.map((mutant) => mutant.name)).size, mutants.length);
});

test("their text occurs once in the core", () => {
  const lost = mutants.filter(({ file, find }) => readFileSync(join(root, file), "utf8").split(find).length !== 2);
  assert.equal(lost.map(say), []);
});

test(
  "the core without a mutant passes",
  async () => assert.equal(await findingWithoutMutant(), { outcome: "survived" }),
  { timeoutMs: 60_000 },
);

test(
  "none survives",
  async () => {
    const survivors = await survivorsOf(mutants);
    assert.equal(
      survivors.map(({ mutant, finding }) => `${say(mutant)} (${finding.outcome})`),
      [],
    );
  },
  { timeoutMs: 540_000 },
);

test.run();

function say({ file, name }: Mutant): string {
  return `${file}: ${name}`;
}
