import type { ProcessName } from "../core/environment/model.ts";
import type { InitializationType } from "../protocol/initialization-type.ts";
import type { Debugging } from "./environment-options.ts";
import { extensionVariables, runtimeVariables, type VariableFacts } from "./environment-variables.ts";
import type { FunctionConfiguration } from "./function-configuration.ts";
import { programOf } from "./programs.ts";
import type { Folders, Isolation } from "./supervisor/isolation.ts";
import type { ProcessSpec } from "./supervisor/supervisor.ts";

export interface ProcessFacts {
  readonly configuration: FunctionConfiguration;
  readonly folders: Folders;
  readonly isolation: Isolation;
  readonly logStreamName: string;
  /** On demand, unless it says otherwise. */
  readonly initializationType?: InitializationType;
  /** Of Managed Instances: how many invocations come at once. */
  readonly concurrency?: number | undefined;
  readonly debugging?: Debugging | undefined;
}

/** What to start for a process of an environment whose API is at `api`. */
export function processSpec(
  name: ProcessName,
  facts: ProcessFacts,
  api: string,
  credentialsToken: string,
): ProcessSpec {
  const {
    configuration,
    folders,
    isolation,
    logStreamName,
    initializationType = "on-demand",
    concurrency,
    debugging,
  } = facts;
  const [taskRoot, optRoot] = isolation.kind === "mounts" ? ["/var/task", "/opt"] : [folders.task, folders.opt];
  const variables: VariableFacts = {
    configuration,
    api,
    logStreamName,
    taskRoot,
    optRoot,
    initializationType,
    credentialsToken,
    concurrency,
  };
  const env = name === "runtime" ? debugged(runtimeVariables(variables), debugging) : extensionVariables(variables);
  return { name, program: programOf(name, folders), env };
}

/** https://nodejs.org/api/cli.html#--inspecthostport */
function debugged(env: Readonly<Record<string, string>>, debugging: Debugging | undefined): ProcessSpec["env"] {
  if (debugging === undefined) return env;
  const flag = `--inspect${debugging.waits ? "-brk" : ""}=${debugging.address}`;
  return { ...env, NODE_OPTIONS: `${env.NODE_OPTIONS ?? ""} ${flag}`.trim() };
}
