/**
 * Judges all subjects on this machine and records what came out: `node test/interop/record.ts [NAME ...]` writes a
 * `result.json` for each, and docs/MATRIX.md from all of them; `--page` writes only that page again.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { conformRuntime } from "../../src/conformance/run-runtime.ts";
import { version } from "../../src/platform/version.ts";
import { ourRuntime } from "../conformance/subjects.ts";
import { matrixOfRecords, type Recorded, resultFile } from "./matrix.ts";
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

const wanted = process.argv.slice(2);
for (const subject of [ours, ...subjects]) {
  if (wanted.length > 0 && !wanted.includes(subject.name)) continue;
  const runtime = subject === ours ? ourRuntime() : await buildSubject(subject);
  const results = await conformRuntime({ subject: runtime, jobs: 4, declared: subject.declared, timeScale: 3 });
  const recorded: Recorded = {
    name: subject.name,
    language: subject.language,
    version: subject.version,
    suite: version,
    date: new Date().toISOString().slice(0, 10),
    verdicts: Object.fromEntries(results.map(({ facts, verdict }) => [facts.id, wordOf(verdict)])),
  };
  writeFileSync(resultFile(subject.name), `${JSON.stringify(recorded, undefined, 2)}\n`);
  console.log(subject.name, JSON.stringify(countsOf(recorded)));
}

writeFileSync(join(import.meta.dirname, "../../docs/MATRIX.md"), matrixOfRecords());

function wordOf(verdict: { readonly type: string; readonly dependency?: string; readonly reason?: string }): string {
  if (verdict.type === "not-reached") return `not reached: ${verdict.dependency}`;
  return verdict.type === "not-applicable" ? `n/a: ${verdict.reason}` : verdict.type;
}

function countsOf({ verdicts }: Recorded): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of Object.values(verdicts)) {
    const type = word.split(":")[0] ?? word;
    counts[type] = (counts[type] ?? 0) + 1;
  }
  return counts;
}
