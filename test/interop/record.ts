/**
 * Judges all subjects on this machine and records what came out: `node test/interop/record.ts [NAME ...]` writes a
 * `result.json` for each, and docs/MATRIX.md from all of them; `--page` writes only that page again, and `--missing` judges
 * the cases of which there is no result yet.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import { markKnown } from "../../src/conformance/known-failing.ts";
import { tallyLine } from "../../src/conformance/report.ts";
import { parseReport } from "../../src/conformance/reports/document.ts";
import { renderReport, reportOf } from "../../src/conformance/reports/render.ts";
import { conformRuntime } from "../../src/conformance/run-runtime.ts";
import { capabilities, type RuntimeCase } from "../../src/conformance/runtime-case.ts";
import { transcriptLimits, withShortTranscript } from "../../src/conformance/short-transcript.ts";
import type { CaseResult, Verdict } from "../../src/conformance/verdict.ts";
import { version } from "../../src/platform/version.ts";
import { withDependencies } from "../conformance/expected.ts";
import { ourRuntime } from "../conformance/subjects.ts";
import { knownFor, matrixOfRecords, resultFile } from "./matrix.ts";
import { withoutPlaces } from "./places.ts";
import { buildSubject, type InteropSubject, subjects } from "./subjects.ts";

const ours: InteropSubject = {
  name: "bootlace",
  language: "JavaScript",
  version: `${version} on Node ${process.versions.node.split(".")[0]}`,
  declared: capabilities,
  tools: [],
  build: [],
  command: [],
};

/** The cases that are to be judged, with what they depend on, and the results that stay as they are. */
function planFor(name: string): { readonly cases: readonly RuntimeCase[]; readonly kept: readonly CaseResult[] } {
  if (!onlyMissing) return { cases: runtimeCases, kept: [] };
  const { results } = parseReport(readFileSync(resultFile(name), "utf8"), resultFile(name));
  const missing = runtimeCases.filter(({ id }) => !results.some((one) => one.id === id));
  const needed = missing.flatMap(({ id }) => withDependencies(runtimeCases, id));
  const kept = runtimeCases.flatMap((facts) => {
    const known = results.find(({ id }) => id === facts.id);
    // as: a document that a run has written names no dependency but cases.
    return known === undefined ? [] : [{ facts, verdict: known.verdict as Verdict, durationMs: known.durationMs }];
  });
  return { cases: runtimeCases.filter((candidate) => needed.includes(candidate)), kept };
}

const onlyMissing = process.argv.includes("--missing");
const wanted = process.argv.slice(2).filter((word) => word !== "--missing");
for (const subject of [ours, ...subjects]) {
  if (wanted.length > 0 && !wanted.includes(subject.name)) continue;
  const runtime = subject === ours ? ourRuntime() : await buildSubject(subject);
  const { cases, kept } = planFor(subject.name);
  const judged = await conformRuntime({ subject: runtime, cases, jobs: 4, declared: subject.declared, timeScale: 3 });
  const fresh = judged.filter(({ facts }) => !kept.some((one) => one.facts.id === facts.id));
  const order = runtimeCases.map(({ id }) => id);
  const results = [...kept, ...fresh].sort((a, b) => order.indexOf(a.facts.id) - order.indexOf(b.facts.id));
  const marked = results.map((result) =>
    markKnown(withShortTranscript(result, transcriptLimits.record), knownFor(subject.name)),
  );
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
  writeFileSync(resultFile(name), withoutPlaces(renderReport("json", recorded)));
  console.log(`${name}: ${tallyLine(recorded.tally)}`);
}

writeFileSync(join(import.meta.dirname, "../../docs/MATRIX.md"), matrixOfRecords());
