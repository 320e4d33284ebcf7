import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { emulatorCases, runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import type { KnownFailure } from "../../src/conformance/known-failing.ts";
import type { ReportDocument } from "../../src/conformance/reports/document.ts";
import { suite } from "../helpers/suite.ts";
import { emulators, knownForEmulator, readEmulatorRecords } from "../interop/emulators.ts";
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
    records.map(({ subject }) => subject.name),
    ["bootlace", ...subjects.map(({ name }) => name)],
  );
  for (const { subject, results } of records) {
    const judged = new Set(results.map(({ id }) => id));
    assert.equal(
      runtimeCases.filter(({ id }) => !judged.has(id)).map(({ id }) => id),
      [],
      subject.name,
    );
  }
});

test("has a result for each emulator, and a verdict for each case", () => {
  const records = readEmulatorRecords();
  assert.equal(
    records.map(({ subject }) => subject.name),
    emulators.map(({ name }) => name),
  );
  for (const { subject, results } of records) {
    const judged = new Set(results.map(({ id }) => id));
    assert.equal(
      emulatorCases.filter(({ id }) => !judged.has(id)).map(({ id }) => id),
      [],
      subject.name,
    );
  }
});

test("says of each red cell why it is red, and of no other", () => {
  for (const record of readRecords()) checkReasons(record, knownFor(record.subject.name));
  for (const record of readEmulatorRecords()) checkReasons(record, knownForEmulator(record.subject.name));
});

function checkReasons({ subject: { name }, results }: ReportDocument, known: readonly KnownFailure[]): void {
  const red = results.flatMap(({ id, verdict }) => (verdict.type === "failed" ? [id] : []));
  assert.equal(known.map(({ id }) => id).sort(), [...red].sort(), name);
  for (const { id, reason } of known) {
    assert.ok(reason.length > 60, `${name} ${id}`);
    assert.is(results.find((result) => result.id === id)?.known?.reason, reason, `${name} ${id}`);
  }
}

test.run();
