/**
 * Judges emulators on this machine and records what came out: `node test/interop/record-emulators.ts [NAME ...]` writes a
 * `result.json` for each, and docs/MATRIX.md. The official one is judged where `AWS_LAMBDA_RIE`
 * names its program, cargo-lambda's where `CARGO_LAMBDA` does.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { markKnown } from "../../src/conformance/known-failing.ts";
import { tallyLine } from "../../src/conformance/report.ts";
import { renderReport, reportOf } from "../../src/conformance/reports/render.ts";
import { conformEmulator } from "../../src/conformance/run-emulator.ts";
import { transcriptLimits, withShortTranscript } from "../../src/conformance/short-transcript.ts";
import { version } from "../../src/platform/version.ts";
import { emulatorResultFile, emulators, knownForEmulator } from "./emulators.ts";
import { matrixOfRecords } from "./matrix.ts";
import { withoutPlaces } from "./places.ts";

const checkout = join(import.meta.dirname, "../..");
const wanted = process.argv.slice(2);
for (const { name, language, version: subjectVersion, subject, variable } of emulators) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if (variable !== undefined && process.env[variable] === undefined) {
    console.log(`${name}: not judged, because ${variable} does not name its program`);
    continue;
  }
  const results = await conformEmulator({ subject, jobs: 3 });
  const recorded = reportOf(
    {
      kind: "emulator",
      subject: { name, language, version: subjectVersion },
      version,
      date: new Date().toISOString(),
      interrupted: false,
    },
    results.map((result) => markKnown(withShortTranscript(result, transcriptLimits.record), knownForEmulator(name))),
  );
  writeFileSync(emulatorResultFile(name), withoutPlaces(renderReport("json", recorded)));
  console.log(`${name}: ${tallyLine(recorded.tally)}`);
}

writeFileSync(join(checkout, "docs/MATRIX.md"), matrixOfRecords());
