/** Emulators that the suite has judged. Those of others are built by whoever records, outside of this repository. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { emulatorCases } from "../../src/conformance/cases/catalogue.ts";
import type { EmulatorSubject } from "../../src/conformance/emulator-subject.ts";
import { type KnownFailure, readKnownFailing } from "../../src/conformance/known-failing.ts";
import { parseReport, type ReportDocument } from "../../src/conformance/reports/document.ts";
import { version } from "../../src/platform/version.ts";
import { ourEmulator } from "../conformance/subjects.ts";

export interface EmulatorInterop {
  /** Its folder in emulators/: known-failing, result.json. */
  readonly name: string;
  readonly language: string;
  readonly version: string;
  readonly subject: EmulatorSubject;
  /** The variable that names its program; without it the subject is not recorded again. */
  readonly variable?: string;
}

const folder = join(import.meta.dirname, "emulators");

export const emulators: readonly EmulatorInterop[] = [
  { name: "bootlace", language: "TypeScript", version, subject: ourEmulator() },
  {
    name: "aws-lambda-rie",
    language: "Go",
    version: "4fa2157, classic core",
    subject: {
      type: "command",
      command: [process.execPath, join(folder, "aws-lambda-rie/start.mjs")],
      lacks: ["function-url", "managed-instances", "snap-start"],
    },
    variable: "AWS_LAMBDA_RIE",
  },
  {
    name: "cargo-lambda",
    language: "Rust",
    version: "1.9.2, cargo lambda watch",
    subject: {
      type: "command",
      command: [process.execPath, join(folder, "cargo-lambda/start.mjs")],
      lacks: ["layer", "managed-instances", "snap-start"],
    },
    variable: "CARGO_LAMBDA",
  },
];

export function emulatorResultFile(name: string): string {
  return join(folder, name, "result.json");
}

export function readEmulatorRecords(): readonly ReportDocument[] {
  const files = emulators.map(({ name }) => emulatorResultFile(name)).filter((file) => existsSync(file));
  return files.map((file) => parseReport(readFileSync(file, "utf8"), file));
}

export function knownForEmulator(name: string): readonly KnownFailure[] {
  return readKnownFailing(join(folder, name, "known-failing"), emulatorCases);
}
