/**
 * Judges all subjects on this machine and records what came out: `node test/interop/record.ts [NAME ...]` writes a
 * `result.json` for each, and docs/MATRIX.md from all of them; `--page` writes only that page again.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { markKnown } from "../../src/conformance/known-failing.ts";
import { tallyLine } from "../../src/conformance/report.ts";
import { renderReport, reportOf } from "../../src/conformance/reports/render.ts";
import { conformRuntime } from "../../src/conformance/run-runtime.ts";
import { version } from "../../src/platform/version.ts";
import { ourRuntime } from "../conformance/subjects.ts";
import { knownFor, matrixOfRecords, resultFile } from "./matrix.ts";
import { buildSubject, type InteropSubject, subjects } from "./subjects.ts";

const ours: InteropSubject = {
  name: "bootlace",
  language: "JavaScript",
  version: `${version} on Node ${process.versions.node.split(".")[0]}`,
  declared: ["streaming"],
  tools: [],
  build: [],
  command: [],
};

const checkout = join(import.meta.dirname, "../..");
const wanted = process.argv.slice(2);
for (const subject of [ours, ...subjects]) {
  if (wanted.length > 0 && !wanted.includes(subject.name)) continue;
  const runtime = subject === ours ? ourRuntime() : await buildSubject(subject);
  const results = await conformRuntime({ subject: runtime, jobs: 4, declared: subject.declared, timeScale: 3 });
  const marked = results.map((result) => markKnown(result, knownFor(subject.name)));
  const { name, language, version: subjectVersion } = subject;
  const recorded = reportOf(
    {
      kind: "runtime",
      subject: { name, language, version: subjectVersion },
      version,
      date: new Date().toISOString(),
      interrupted: false,
    },
    marked,
  );
  // Where this checkout lies is nobody's business.
  writeFileSync(resultFile(name), renderReport("json", recorded).replaceAll(checkout, "/checkout"));
  console.log(`${name}: ${tallyLine(recorded.tally)}`);
}

writeFileSync(join(import.meta.dirname, "../../docs/MATRIX.md"), matrixOfRecords());
