/** Subjects to judge: good ones, and for each case at least one with a defect that this case is there to find. */
import { join } from "node:path";
import type { CaseFacts, CaseId } from "../../src/conformance/case.ts";
import { extensionCases } from "../../src/conformance/cases/catalogue.ts";
import type { EmulatorSubject } from "../../src/conformance/emulator-subject.ts";
import type { ExtensionCapability, ExtensionCase } from "../../src/conformance/extension-case.ts";
import { javascriptFixture, readFixture } from "../../src/conformance/fixture.ts";
import type { ExtensionSubject } from "../../src/conformance/harness-extension.ts";
import type { RuntimeSubject } from "../../src/conformance/harness-runtime.ts";
import { conformExtension } from "../../src/conformance/run-extension.ts";
import type { CaseResult } from "../../src/conformance/verdict.ts";

const root = join(import.meta.dirname, "../..");
const brokenRuntime = join(root, "test/fixtures/broken-runtimes/runtime.mjs");
const brokenExtension = join(root, "test/fixtures/broken-extensions/extension.mjs");
const brokenEmulator = join(root, "test/fixtures/broken-emulators/emulator.ts");

/** A defect, and the case that must fail because of it. */
export type Defect = readonly [name: string, id: CaseId];

export const runtimeDefects: readonly Defect[] = [
  ["default-address", "RT-BOOT-002"],
  ["asks-twice", "RT-BOOT-001"],
  ["no-user-agent", "RT-BOOT-005"],
  ["looks-where-it-stands", "RT-BOOT-004"],
  ["uses-the-proxy", "RT-BOOT-006"],
  ["writes-where-it-stands", "RT-BOOT-008"],
  ["says-nothing-without-an-address", "RT-BOOT-009"],
  ["needs-its-log-group", "RT-CTX-013"],
  ["text-in-place-of-json", "RT-INV-001"],
  ["flattens-deep-values", "RT-INV-002"],
  ["sticks-to-the-first-id", "RT-INV-003"],
  ["latin1", "RT-INV-005"],
  ["undefined-as-text", "RT-INV-010"],
  ["forgets-its-memory", "RT-INV-016"],
  ["lower-case-ids", "RT-INV-004"],
  ["wraps-scalars", "RT-INV-006"],
  ["dies-of-no-event", "RT-INV-007"],
  ["dies-of-text", "RT-INV-008"],
  ["dies-of-odd-bytes", "RT-INV-009"],
  ["short-responses", "RT-INV-012"],
  ["short-events", "RT-INV-011"],
  ["exits-after-413", "RT-INV-013"],
  ["opens-files", "RT-INV-015"],
  ["gives-up-waiting", "RT-INV-017"],
  ["watches-its-clock", "RT-INV-018"],
  ["counts-on-a-length", "RT-INV-019"],
  ["takes-two-packets", "RT-INV-020"],
  ["lives-on-one-connection", "RT-INV-021"],
  ["knows-one-spelling", "RT-INV-023"],
  ["answers-twice-after-work", "RT-INV-025"],
  ["no-arn", "RT-CTX-001"],
  ["the-same-time-left", "RT-CTX-002"],
  ["never-out-of-time", "RT-CTX-003"],
  ["needs-a-deadline", "RT-CTX-004"],
  ["keeps-an-old-trace", "RT-CTX-006"],
  ["client-context-as-text", "RT-CTX-007"],
  ["dies-of-a-bad-client-context", "RT-CTX-008"],
  ["no-identity", "RT-CTX-009"],
  ["keeps-the-tenant", "RT-CTX-010"],
  ["parses-empty-headers", "RT-CTX-011"],
  ["memory-in-bytes", "RT-CTX-012"],
  ["no-echo-on-errors", "RT-CTX-015"],
  ["gives-up-after-410", "RT-CTX-017"],
  ["reports-410", "RT-CTX-017"],
  ["one-echo-for-each-id", "RT-CTX-018"],
  ["shortens-the-trace", "RT-CTX-005"],
  ["no-echo", "RT-CTX-014"],
  ["keeps-an-old-echo", "RT-CTX-016"],
  ["errors-as-responses", "RT-ERR-001"],
  ["forgets-the-class", "RT-ERR-003"],
  ["message-in-a-header", "RT-ERR-008"],
  ["json-by-hand", "RT-ERR-008"],
  ["silent-init-failure", "RT-INI-001"],
  ["exits-well-after-init-error", "RT-INI-001"],
  ["init-error-without-type", "RT-INI-009"],
  ["late-errors-as-responses", "RT-ERR-002"],
  ["stack-as-text", "RT-ERR-004"],
  ["no-error-type-header", "RT-ERR-005"],
  ["errors-without-a-label", "RT-ERR-006"],
  ["cause-by-hand", "RT-ERR-007"],
  ["only-error-objects", "RT-ERR-009"],
  ["reads-errors-blindly", "RT-ERR-010"],
  ["gives-up-after-ten-errors", "RT-ERR-011"],
  ["circles-as-text", "RT-ERR-012"],
  ["swallows-rejections", "RT-ERR-013"],
  ["exits-with-zero", "RT-ERR-014"],
  ["invents-a-response", "RT-ERR-015"],
  ["calls-anything", "RT-INI-002"],
  ["silent-about-syntax", "RT-INI-003"],
  ["guesses-the-handler", "RT-INI-004"],
  ["hides-init-errors", "RT-INI-005"],
  ["serves-without-its-function", "RT-INI-006"],
  ["repeats-init-errors", "RT-INI-007"],
  ["goes-on-after-500", "RT-SRV-001"],
  ["asks-without-a-pause", "RT-SRV-002"],
  ["repeats-after-400", "RT-SRV-003"],
  ["hangs-after-403", "RT-SRV-004"],
  ["takes-500-for-accepted", "RT-SRV-005"],
  ["only-202", "RT-SRV-006"],
  ["answers-again-when-slow", "RT-SRV-007"],
  ["waits-for-the-rest", "RT-SRV-008"],
  ["ends-well-without-an-api", "RT-SRV-009"],
  ["a-connection-for-each", "RT-SRV-010"],
  ["ignores-sigterm", "RT-SIG-001"],
  ["finishes-before-it-ends", "RT-SIG-002"],
  ["loses-lines", "RT-LOG-001"],
  ["waits-for-line-ends", "RT-LOG-002"],
  ["chokes-on-a-wrapper", "RT-BOOT-007"],
  ["hangs-inside-an-event", "RT-INV-022"],
  ["waits-for-children", "RT-INV-026"],
  ["unwraps-envelopes", "RT-INV-027"],
  ["recursion-as-a-response", "RT-ERR-017"],
  ["needs-its-extension", "RT-EXT-002"],
  ["needs-its-log-descriptor", "RT-LOG-007"],
  ["waits-for-a-number", "RT-MUL-007"],
  ["collects-streams", "RT-STR-001"],
  ["one-content-type", "RT-STR-002"],
  ["four-zero-bytes", "RT-STR-003"],
  ["empty-stream-for-errors", "RT-STR-004"],
  ["trailers-in-the-body", "RT-STR-005"],
  ["empty-streams-are-errors", "RT-STR-008"],
  ["always-streaming", "RT-STR-009"],
  ["one-stream-only", "RT-STR-010"],
  ["waits-for-a-late-api", "RT-BOOT-003"],
  ["hurries-its-function", "RT-INI-008"],
  ["waits-after-an-early-413", "RT-INV-014"],
  ["waits-to-be-told", "RT-INV-024"],
  ["hangs-after-a-reset", "RT-STR-007"],
  ["never-registers", "RT-EXT-001"],
  ["forgets-its-hooks", "RT-SIG-003"],
  ["text-for-json", "RT-LOG-003"],
  ["forgets-levels", "RT-LOG-004"],
  ["bare-lines", "RT-LOG-005"],
  ["silent-about-errors", "RT-LOG-008"],
  ["waits-for-promises-nobody-keeps", "RT-ERR-016"],
  ["knows-one-level", "RT-HDL-001"],
  ["one-worker-more", "RT-MUL-001"],
  ["one-handler-at-a-time", "RT-MUL-002"],
  ["one-error-ends-all", "RT-MUL-003"],
  ["one-trace-for-all", "RT-MUL-004"],
  ["a-worker-less-after-410", "RT-MUL-005"],
  ["logs-for-the-latest", "RT-MUL-006"],
  ["snapshots-before-its-hooks", "RT-SNP-001"],
  ["serves-before-its-hooks", "RT-SNP-002"],
  ["silent-before-its-snapshot", "RT-SNP-003"],
  ["silent-after-its-restore", "RT-SNP-004"],
  ["restores-again-and-again", "RT-SNP-005"],
];

export const extensionDefects: readonly Defect[] = [
  ["asks-before-registering", "EXT-REG-001"],
  ["another-name", "EXT-REG-002"],
  ["events-as-text", "EXT-REG-003"],
  ["asks-for-bogus", "EXT-REG-003"],
  ["needs-the-task-root", "EXT-REG-014"],
  ["another-label", "EXT-REG-004"],
  ["knows-one-spelling", "EXT-REG-005"],
  ["needs-the-account", "EXT-REG-006"],
  ["never-asks-for-the-account", "EXT-REG-007"],
  ["registers-again", "EXT-REG-008"],
  ["registers-again-when-closed", "EXT-REG-009"],
  ["hangs-after-500", "EXT-REG-010"],
  ["impatient", "EXT-REG-011"],
  ["asks-for-invoke", "EXT-REG-013"],
  ["asks-without-end", "EXT-REG-015"],
  ["two-nexts", "EXT-NXT-001"],
  ["works-past-the-deadline", "EXT-NXT-003"],
  ["gives-up-waiting", "EXT-NXT-002"],
  ["believes-the-label", "EXT-NXT-004"],
  ["strict-about-fields", "EXT-NXT-005"],
  ["dies-of-the-future", "EXT-NXT-006"],
  ["counts-on-a-length", "EXT-NXT-007"],
  ["asks-again-at-once", "EXT-NXT-008"],
  ["registers-anew", "EXT-NXT-009"],
  ["hangs-without-a-connection", "EXT-NXT-010"],
  ["opens-files", "EXT-NXT-011"],
  ["watches-its-clock", "EXT-NXT-012"],
  ["takes-its-time", "EXT-NXT-013"],
  ["hangs-after-work", "EXT-SHD-001"],
  ["knows-two-reasons", "EXT-SHD-002"],
  ["takes-its-time-to-end", "EXT-SHD-003"],
  ["ignores-sigterm", "EXT-SHD-005"],
  ["asks-after-shutdown", "EXT-SHD-006"],
  ["silent-init-failure", "EXT-ERR-001"],
  ["no-error-type", "EXT-ERR-004"],
  ["waits-after-its-report", "EXT-ERR-003"],
  ["report-without-type", "EXT-ERR-005"],
  ["silent-exit-failure", "EXT-ERR-002"],
  ["writes-where-it-stands", "EXT-ENV-001"],
  ["prints-fragments", "EXT-ENV-002"],
  ["insists-on-9001", "EXT-ENV-003"],
  ["subscribes-after-next", "EXT-TEL-001"],
  ["small-batches", "EXT-TEL-002"],
  ["needs-telemetry", "EXT-TEL-003"],
  ["listens-late", "EXT-TEL-004"],
  ["dies-of-a-refusal", "EXT-TEL-005"],
  ["small-bodies", "EXT-TEL-006"],
  ["only-text", "EXT-TEL-007"],
  ["dies-of-new-types", "EXT-TEL-008"],
  ["refuses-repeats", "EXT-TEL-009"],
  ["forgets-what-is-over", "EXT-TEL-010"],
  ["one-packet-one-event", "EXT-TEL-011"],
  ["prints-each-event", "EXT-TEL-012"],
  ["dies-of-dropped-logs", "EXT-TEL-013"],
  ["tires", "EXT-TEL-014"],
  ["registers-late", "EXT-INT-001"],
  ["internal-shutdown", "EXT-REG-012"],
  ["takes-the-runtime-down", "EXT-INT-002"],
];

export const emulatorDefects: readonly Defect[] = [
  ["re-encodes-events", "SRV-RT-001"],
  ["deadline-in-seconds", "SRV-RT-002"],
  ["no-function-arn", "SRV-RT-002"],
  ["no-trace", "SRV-RT-003"],
  ["keeps-the-client-context", "SRV-RT-004"],
  ["accepts-with-200", "SRV-RT-005"],
  ["takes-unknown-ids", "SRV-RT-006"],
  ["takes-early-responses", "SRV-RT-007"],
  ["takes-second-responses", "SRV-RT-008"],
  ["takes-old-ids", "SRV-RT-009"],
  ["takes-errors-after-responses", "SRV-RT-010"],
  ["another-event-for-who-asks-again", "SRV-RT-011"],
  ["one-event-for-all", "SRV-RT-012"],
  ["loses-events-with-connections", "SRV-RT-013"],
  ["forgets-large-events", "SRV-RT-014"],
  ["no-chunks", "SRV-RT-015"],
  ["takes-half-responses", "SRV-RT-016"],
  ["takes-any-size", "SRV-RT-017"],
  ["forgets-the-event-after-a-413", "SRV-RT-018"],
  ["null-for-nothing", "SRV-RT-019"],
  ["hides-function-errors", "SRV-RT-020"],
  ["re-encodes-errors", "SRV-RT-020"],
  ["says-nothing-of-errors-without-a-body", "SRV-RT-021"],
  ["error-types-as-they-come", "SRV-RT-022"],
  ["chokes-on-causes", "SRV-RT-023"],
  ["takes-any-mode", "SRV-RT-024"],
  ["collects-streams", "SRV-RT-025"],
  ["trailers-in-the-body", "SRV-RT-026"],
  ["streams-without-end", "SRV-RT-027"],
  ["metadata-in-one-piece", "SRV-RT-028"],
  ["init-errors-are-exits", "SRV-RT-029"],
  ["takes-late-init-errors", "SRV-RT-030"],
  ["serves-unknown-paths", "SRV-RT-031"],
  ["closes-after-a-refusal", "SRV-RT-031"],
  ["thanks-for-rubbish", "SRV-RT-032"],
  ["never-continues", "SRV-RT-033"],
  ["refuses-http-1.0", "SRV-RT-034"],
  ["forgets-exit-status", "SRV-RT-035"],
  ["init-without-a-limit", "SRV-RT-036"],
  ["other-words-for-time-outs", "SRV-RT-037"],
  ["takes-ids-that-timed-out", "SRV-RT-038"],
  ["takes-any-echo", "SRV-RT-039"],
  ["a-word-after-the-restore", "SRV-RT-040"],
  ["one-id-for-eight", "SRV-RT-041"],
  ["always-410", "SRV-RT-042"],
  ["needs-a-user-agent", "SRV-RT-043"],
  ["identifiers-are-numbers", "SRV-EXT-001"],
  ["account-id-for-everybody", "SRV-EXT-002"],
  ["a-name-is-a-format", "SRV-EXT-003"],
  ["formats-are-of-extensions", "SRV-EXT-004"],
  ["odd-events-are-400", "SRV-EXT-005"],
  ["eleven-extensions", "SRV-EXT-006"],
  ["takes-late-extensions", "SRV-EXT-007"],
  ["one-word-for-identifiers", "SRV-EXT-008"],
  ["starts-the-runtime-early", "SRV-EXT-009"],
  ["events-before-extensions", "SRV-EXT-010"],
  ["ids-of-their-own-for-extensions", "SRV-EXT-011"],
  ["invoke-for-everybody", "SRV-EXT-012"],
  ["callers-wait-for-extensions", "SRV-EXT-013"],
  ["two-loops-in-an-extension", "SRV-EXT-014"],
  ["events-after-an-error", "SRV-EXT-015"],
  ["errors-without-a-type", "SRV-EXT-016"],
  ["the-runtime-is-to-blame", "SRV-EXT-017"],
  ["no-time-for-shutdown", "SRV-EXT-018"],
  ["sigterm-for-everybody", "SRV-EXT-019"],
  ["no-sigterm-for-internal-ones", "SRV-EXT-020"],
  ["identifiers-that-stay", "SRV-EXT-021"],
  ["an-identifier-for-shutdown", "SRV-EXT-022"],
  ["a-handler-for-extensions", "SRV-EXT-023"],
  ["no-telemetry", "SRV-TEL-001"],
  ["access-is-400", "SRV-TEL-002"],
  ["late-subscriptions", "SRV-TEL-003"],
  ["too-much-at-once", "SRV-TEL-004"],
  ["ends-without-an-id", "SRV-TEL-005"],
  ["errors-are-failures", "SRV-TEL-006"],
  ["time-outs-are-failures", "SRV-TEL-007"],
  ["lines-without-their-end", "SRV-TEL-008"],
  ["one-schema-for-all", "SRV-TEL-009"],
  ["never-again", "SRV-TEL-010"],
  ["arrays-over-tcp", "SRV-TEL-011"],
  ["logs-are-telemetry", "SRV-TEL-012"],
  ["dry-runs-with-200", "SRV-FE-001"],
  ["malformed-is-500", "SRV-FE-002"],
  ["too-large-is-400", "SRV-FE-003"],
  ["tails-without-report", "SRV-FE-004"],
  ["throttles-with-503", "SRV-FE-005"],
  ["tries-again-under-another-id", "SRV-FE-006"],
  ["wrong-checksums", "SRV-FE-007"],
  ["no-cookies", "SRV-FE-008"],
  ["client-context-as-it-comes", "SRV-FE-009"],
  ["stops-with-its-caller", "SRV-FE-010"],
];

/** What our emulator does not do: there is no queue behind asynchronous invocations. */
export const emulatorKnownFailing: readonly CaseId[] = ["SRV-FE-006"];

export function ourRuntime(folders: RuntimeSubject["folders"] = "paths"): RuntimeSubject {
  return { command: [join(root, "bootstrap")], fixture: readFixture(javascriptFixture, undefined), folders };
}

/** The small runtime of the tests; `none` is its good self. */
export function testRuntime(defect: string): RuntimeSubject {
  return { ...ourRuntime(), command: [process.execPath, brokenRuntime, defect] };
}

/**
 * Judges the small extension of the tests; `none` is its good self. It takes telemetry by HTTP or by TCP, and is a process
 * of its own or a part of a runtime, so that there is a run for each of these.
 */
export async function judgeTestExtension(
  defect: string,
  cases: readonly ExtensionCase[],
  jobs = 4,
): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  for (const { declared, parts } of extensionKinds) {
    const own = cases.filter((candidate) => kindOf(candidate).declared === declared);
    const needed = own.flatMap(({ id }) => withDependencies(extensionCases, id));
    if (own.length === 0) continue;
    const subject = {
      name: "broken-extension",
      folders: "paths",
      command: [process.execPath, brokenExtension, defect, ...parts],
    } as const;
    const run = { subject, declared, jobs, cases: extensionCases.filter((one) => needed.includes(one)) };
    const all = await conformExtension(run);
    results.push(...all.filter(({ facts }) => own.some(({ id }) => id === facts.id)));
  }
  return cases.flatMap(({ id }) => results.filter(({ facts }) => facts.id === id));
}

interface ExtensionKind {
  readonly declared: readonly ExtensionCapability[];
  readonly parts: readonly string[];
}

const overHttp: ExtensionKind = { declared: ["account-id", "failures", "multi", "telemetry"], parts: ["telemetry"] };
const overTcp: ExtensionKind = { declared: ["telemetry", "tcp"], parts: ["telemetry", "tcp"] };
const insideRuntime: ExtensionKind = { declared: ["internal"], parts: [] };
const extensionKinds = [overHttp, overTcp, insideRuntime];

function kindOf({ declares }: ExtensionCase): ExtensionKind {
  return declares === "internal" ? insideRuntime : declares === "tcp" ? overTcp : overHttp;
}

/** The extension that this package ships, on our own SDK; or another module on it. */
export function ourExtension(name = "lifecycle", module = "extensions/lifecycle/index.ts"): ExtensionSubject {
  return { name, folders: "paths", command: [join(root, "bootstrap"), "--extension", name, join(root, module)] };
}

export function ourEmulator(): EmulatorSubject {
  return { type: "command", command: [process.execPath, join(root, "src/cli/main.ts"), "dev"] };
}

export function testEmulator(defect: string): EmulatorSubject {
  return { type: "command", command: [process.execPath, brokenEmulator, defect, "dev"] };
}

/** What a run of `cases` must come to when exactly `defect` is there: verdict by id, as lines that read well in a diff. */
export function expected(cases: readonly CaseFacts[], defect?: CaseId): readonly string[] {
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

/** The items through `work`, so many at once. */
export async function sideBySide<Item>(
  items: readonly Item[],
  jobs: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
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
