/** Where a subject runs: in place, with the rights of whoever tests it, in folders of its own. */
import { type FunctionConfigurationInput, parseConfiguration } from "../emulator/function-configuration.ts";
import { initializationTypeOf, parseMode } from "../emulator/function-mode.ts";
import type { Confinement } from "../emulator/supervisor/confinement.ts";
import { type Folders, type Isolation, isolationOfThisMachine } from "../emulator/supervisor/isolation.ts";
import type { CaseEnvironment } from "./runtime-case.ts";
import { SubjectError } from "./verdict.ts";

/** `paths`: folders of this machine, named by variables. `mounts`: Lambda's own `/var/task`, `/opt` and `/tmp`. */
export type SubjectFolders = "paths" | "mounts";

export const memoryMb = 512;
export const logStreamName = "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef";

/** The function's name and memory are the same for every subject. */
export function functionOf(facts: Omit<FunctionConfigurationInput, "functionName" | "memoryMb">, managed = false) {
  return parseConfiguration({ functionName: "conformance", memoryMb, ...facts }, { managed, quotas: true });
}

export function confinement(isolation: Isolation, folders: Folders): Confinement {
  return { isolation, folders, root: { kind: "machine" }, network: "host", memoryMb, tmpMb: 512, processors: "all" };
}

export function isolationFor(folders: SubjectFolders): Isolation {
  if (folders === "paths") return { kind: "none", reason: "the suite passes paths by environment variables" };
  const isolation = isolationOfThisMachine();
  if (isolation.kind === "none")
    throw new SubjectError(`Cannot use Lambda's own paths on this machine (${isolation.reason}): leave out "--mounts"`);
  return isolation;
}

/** What an environment is told of its kind. */
export function modeOf(environment: CaseEnvironment | undefined) {
  if (environment === undefined) return {};
  const { type } = environment;
  const mode = parseMode(
    type === "managed" ? { profile: "lmi", maxConcurrency: environment.concurrency } : { snapStart: true },
    1,
  );
  const { profile, maxConcurrency: concurrency } = mode;
  return { profile, concurrency, initializationType: initializationTypeOf(mode, false) };
}
