/** The door `bootlace/conformance`: judges runtimes, extensions and emulators of anybody's making. */
export type { CaseFacts, CaseId, Level } from "./case.ts";
export { emulatorCases, extensionCases, runtimeCases } from "./cases/catalogue.ts";
export { absoluteCommand } from "./command-line.ts";
export type { EmulatorCase } from "./emulator-case.ts";
export type { EmulatorSubject } from "./emulator-subject.ts";
export type { ExtensionCase } from "./extension-case.ts";
export { type Fixture, javascriptFixture, readFixture } from "./fixture.ts";
export type { ExtensionSubject } from "./harness-extension.ts";
export type { RuntimeSubject } from "./harness-runtime.ts";
export { linesOfResult, type Tally, tallyLine, tallyOf } from "./report.ts";
export { selectCases } from "./run-cases.ts";
export { conformEmulator, type EmulatorRun } from "./run-emulator.ts";
export { conformExtension, type ExtensionRun } from "./run-extension.ts";
export { conformRuntime, type RuntimeRun } from "./run-runtime.ts";
export type { RuntimeCase } from "./runtime-case.ts";
export { type CaseResult, type Finding, HarnessError, SubjectError, type Verdict } from "./verdict.ts";
