import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import { suite } from "../helpers/suite.ts";
import { knownFor, matrixOfRecords, readRecords } from "../interop/matrix.ts";
import { subjects } from "../interop/subjects.ts";

const test = suite("the matrix of real runtimes");

test("is the page that the recorded results make", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/MATRIX.md"), "utf8");
  assert.is(page, matrixOfRecords(), 'run "node test/interop/record.ts --page"');
});

test("has a result for each subject and for ours, and a verdict for each case", () => {
  const records = readRecords();
  assert.equal(
    records.map(({ name }) => name),
    ["bootlace", ...subjects.map(({ name }) => name)],
  );
  for (const { name, verdicts } of records) {
    const missing = runtimeCases.filter(({ id }) => verdicts[id] === undefined).map(({ id }) => id);
    assert.equal(missing, [], name);
  }
});

test("says of each red cell why it is red, and of no other", () => {
  for (const { name, verdicts } of readRecords()) {
    const red = runtimeCases.filter(({ id }) => verdicts[id] === "failed").map(({ id }) => id);
    const known = knownFor(name).map(({ id }) => id);
    assert.equal([...known].sort(), [...red].sort(), name);
    for (const { id, reason } of knownFor(name)) assert.ok(reason.length > 60, `${name} ${id}`);
  }
});

test.run();
