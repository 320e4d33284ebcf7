/** Subjects to judge: good ones, and for each case at least one with a defect that this case is there to find. */
import { join } from "node:path";
import type { CaseFacts, CaseId } from "../../src/conformance/case.ts";
import type { EmulatorSubject } from "../../src/conformance/emulator-subject.ts";
import { javascriptFixture, readFixture } from "../../src/conformance/fixture.ts";
import type { RuntimeSubject } from "../../src/conformance/harness-runtime.ts";
import type { CaseResult } from "../../src/conformance/verdict.ts";

const root = join(import.meta.dirname, "../..");
const brokenRuntime = join(root, "test/fixtures/broken-runtimes/runtime.mjs");
const brokenEmulator = join(root, "test/fixtures/broken-emulators/emulator.ts");

/** A defect, and the case that must fail because of it. */
export type Defect = readonly [name: string, id: CaseId];

export const runtimeDefects: readonly Defect[] = [
  ["default-address", "RT-BOOT-002"],
  ["asks-twice", "RT-BOOT-001"],
  ["no-user-agent", "RT-BOOT-005"],
  ["text-in-place-of-json", "RT-INV-001"],
  ["flattens-deep-values", "RT-INV-002"],
  ["sticks-to-the-first-id", "RT-INV-003"],
  ["latin1", "RT-INV-005"],
  ["undefined-as-text", "RT-INV-010"],
  ["forgets-its-memory", "RT-INV-016"],
  ["shortens-the-trace", "RT-CTX-005"],
  ["no-echo", "RT-CTX-014"],
  ["keeps-an-old-echo", "RT-CTX-016"],
  ["errors-as-responses", "RT-ERR-001"],
  ["forgets-the-class", "RT-ERR-003"],
  ["message-in-a-header", "RT-ERR-008"],
  ["json-by-hand", "RT-ERR-008"],
  ["silent-init-failure", "RT-INI-001"],
  ["init-error-without-type", "RT-INI-001"],
  ["exits-well-after-init-error", "RT-INI-001"],
];

export const emulatorDefects: readonly Defect[] = [
  ["re-encodes-events", "SRV-RT-001"],
  ["deadline-in-seconds", "SRV-RT-002"],
  ["no-function-arn", "SRV-RT-002"],
  ["accepts-with-200", "SRV-RT-005"],
  ["takes-any-size", "SRV-RT-017"],
  ["hides-function-errors", "SRV-RT-020"],
  ["re-encodes-errors", "SRV-RT-020"],
  ["takes-unknown-ids", "SRV-RT-006"],
  ["takes-early-responses", "SRV-RT-007"],
  ["takes-second-responses", "SRV-RT-008"],
  ["takes-late-init-errors", "SRV-RT-030"],
  ["serves-unknown-paths", "SRV-RT-031"],
  ["closes-after-a-refusal", "SRV-RT-031"],
  ["forgets-exit-status", "SRV-RT-035"],
  ["other-words-for-time-outs", "SRV-RT-037"],
  ["dry-runs-with-200", "SRV-FE-001"],
  ["malformed-is-500", "SRV-FE-002"],
  ["too-large-is-400", "SRV-FE-003"],
];

export function ourRuntime(folders: RuntimeSubject["folders"] = "paths"): RuntimeSubject {
  return { command: [join(root, "bootstrap")], fixture: readFixture(javascriptFixture, undefined), folders };
}

/** The small runtime of the tests; `none` is its good self. */
export function testRuntime(defect: string): RuntimeSubject {
  return { ...ourRuntime(), command: [process.execPath, brokenRuntime, defect] };
}

export function ourEmulator(): EmulatorSubject {
  return { type: "command", command: [process.execPath, join(root, "src/cli/main.ts"), "dev"] };
}

export function testEmulator(defect: string): EmulatorSubject {
  return { type: "command", command: [process.execPath, brokenEmulator, defect, "dev"] };
}

/** What a run of `cases` must come to when exactly `defect` is there: verdict by id, as lines that read well in a diff. */
export function expected(cases: readonly CaseFacts[], defect: CaseId | undefined): readonly string[] {
  return cases.map(({ id }) => {
    if (defect === undefined) return `${id} passed`;
    if (id === defect) return `${id} failed`;
    return `${id} ${dependsOn(cases, id, defect) ? "not-reached" : "passed"}`;
  });
}

export function verdicts(results: readonly CaseResult[]): readonly string[] {
  return results.map(({ facts, verdict }) => `${facts.id} ${verdict.type}`);
}

/** The case with everything that it depends on, in the order of `cases`. */
export function withDependencies<Case extends CaseFacts>(cases: readonly Case[], id: CaseId): readonly Case[] {
  return cases.filter((candidate) => candidate.id === id || dependsOn(cases, id, candidate.id));
}

/** So many of the items, chosen by a number that whoever wants the same choice again can give. */
export function sample<Item>(items: readonly Item[], count: number, seed: number): readonly Item[] {
  const step = 1 + (seed % (items.length - 1));
  return Array.from({ length: count }, (_, index) => items[(seed + index * step) % items.length]).filter(
    (item) => item !== undefined,
  );
}

/** Another one each day, unless `CONFORMANCE_SEED` says which. */
export const seed = Number(process.env.CONFORMANCE_SEED ?? Math.floor(Date.now() / 86_400_000));

function dependsOn(cases: readonly CaseFacts[], id: CaseId, on: CaseId): boolean {
  const direct = cases.find((candidate) => candidate.id === id)?.dependsOn ?? [];
  return direct.includes(on) || direct.some((dependency) => dependsOn(cases, dependency, on));
}
