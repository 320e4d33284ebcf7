/** Subjects to judge: what is ours, and what has a defect that one case is there to find. */
import { join } from "node:path";
import type { CaseId } from "../../src/conformance/case.ts";
import { extensionCases } from "../../src/conformance/cases/catalogue.ts";
import type { EmulatorSubject } from "../../src/conformance/emulator-subject.ts";
import type { ExtensionCapability, ExtensionCase } from "../../src/conformance/extension-case.ts";
import { javascriptFixture, readFixture } from "../../src/conformance/fixture.ts";
import type { ExtensionSubject } from "../../src/conformance/harness-extension.ts";
import type { RuntimeSubject } from "../../src/conformance/harness-runtime.ts";
import { conformExtension } from "../../src/conformance/run-extension.ts";
import type { CaseResult } from "../../src/conformance/verdict.ts";
import { withDependencies } from "./expected.ts";

const root = join(import.meta.dirname, "../..");
const brokenRuntime = join(root, "test/fixtures/broken-runtimes/runtime.mjs");
const brokenExtension = join(root, "test/fixtures/broken-extensions/extension.mjs");
const brokenEmulator = join(root, "test/fixtures/broken-emulators/emulator.ts");

/** What our emulator does not do: there is no queue behind asynchronous invocations. */
export const emulatorKnownFailing: readonly CaseId[] = ["SRV-FE-006"];

export function ourRuntime(folders: RuntimeSubject["folders"] = "paths"): RuntimeSubject {
  return { command: [join(root, "bootstrap")], fixture: readFixture(javascriptFixture(), undefined), folders };
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
