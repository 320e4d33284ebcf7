/** What can be asked of an emulated function, and how it is refused what no function could have. */
import { type FaultPlan, type FaultPlanInput, parseFaultPlan } from "../faults/fault.ts";
import { type Debugging, type EnvironmentOptions, type Observer, rootOf } from "./environment-options.ts";
import { MissingCodeError } from "./folders.ts";
import {
  type FunctionConfiguration,
  type FunctionConfigurationInput,
  InvalidConfigurationError,
  parseConfiguration,
} from "./function-configuration.ts";
import { type FunctionMode, type FunctionModeInput, parseMode } from "./function-mode.ts";
import { documentedPace, type StreamPace } from "./stream-pace.ts";
import type { Confinement, NetworkMode } from "./supervisor/confinement.ts";
import { CannotConfineError, checkConfinement } from "./supervisor/enforcement.ts";
import { type Isolation, isolationOfThisMachine } from "./supervisor/isolation.ts";
import { imageProblem } from "./supervisor/root-folder.ts";
import type { Supervisor, SupervisorEvents } from "./supervisor/supervisor.ts";

export interface FunctionOptions extends FunctionConfigurationInput, FunctionModeInput {
  /** Folder or zip with the function's code: `/var/task`. An image that is the root may bring its own. */
  readonly task?: string | undefined;
  /** Folders or zips, lowest first: `/opt`. */
  readonly layers?: readonly string[];
  /** Environments at once; the invocation beyond them is throttled. */
  readonly environmentsMax?: number;
  /** As much as this machine allows, unless told. */
  readonly isolation?: Isolation;
  /** The folder of an unpacked container image, in place of this machine's programs. */
  readonly root?: string | undefined;
  /** A network of its own for each environment, or this machine's. */
  readonly network?: NetworkMode | undefined;
  /**
   * Whether the function has all of the machine's processors outside Init, or the share that its memory buys. A share
   * when `memoryMb` is given: 128 MB that nobody chose would make everything fourteen times as slow.
   */
  readonly processors?: "all" | "share" | undefined;
  /** How long an environment may be idle before it is shut down, reason `spindown`. Ten minutes. */
  readonly idleTimeoutMs?: number;
  /** In place of Lambda's ten seconds. */
  readonly initTimeoutMs?: number;
  /** What goes wrong between each environment's API and its processes; counted in each environment for itself. */
  readonly faults?: FaultPlanInput | undefined;
  /** A debugger may attach to the runtime, if that is a Node: nothing times out then, and nothing is frozen. */
  readonly debugging?: Debugging | undefined;
  /** Slows streamed responses down to Lambda's documented speed after their first 6 MiB, or to another. */
  readonly streamPace?: "documented" | StreamPace | undefined;
  readonly observer?: (environmentId: number) => Observer;
  /** In place of real processes. */
  readonly supervise?: (events: SupervisorEvents) => Supervisor;
}

/** The options of a function that can be had here, with what they come to where nothing was said. */
export interface CheckedFunction {
  readonly configuration: FunctionConfiguration;
  readonly mode: FunctionMode;
  /** What its environments are confined to, but for folders of their own. */
  readonly confinement: Omit<Confinement, "folders">;
  readonly environmentsMax: number;
  readonly idleTimeoutMs: number;
  /** The options that every environment takes as they are. */
  readonly each: Pick<EnvironmentOptions, "debugging" | "faults" | "initTimeoutMs" | "streamPace" | "supervise">;
}

const environmentsMaxDefault = 10;

/** How long Lambda keeps an idle environment is not documented; this is long enough for somebody who tries things out. */
const idleTimeoutMsDefault = 600_000;

/**
 * Throws `InvalidConfigurationError` for what Lambda would not take, `MissingCodeError` for a root that is none, and
 * `CannotConfineError` for a wall that was asked for by name and cannot be built here.
 */
export function checkFunction(options: FunctionOptions): CheckedFunction {
  const { task: _, layers: __, observer: ___, environmentsMax = environmentsMaxDefault, ...others } = options;
  const { isolation = isolationOfThisMachine(), root, network = "host", processors, ...own } = others;
  const { debugging, faults, idleTimeoutMs = idleTimeoutMsDefault, initTimeoutMs, streamPace, ...inputs } = own;
  const { supervise, profile, maxConcurrency, provisioned, snapStart, ...input } = inputs;
  checkOwnNumbers({ environmentsMax, idleTimeoutMs, initTimeoutMs });
  const mode = parseMode({ profile, maxConcurrency, provisioned, snapStart }, environmentsMax);
  const configuration = parseConfiguration(input, mode.profile);
  checkDebugging(debugging, network);
  const plan: FaultPlan | undefined = faults && parseFaultPlan(faults);
  const problem = root === undefined ? undefined : imageProblem(root);
  if (problem !== undefined) throw new MissingCodeError(problem);
  const { memoryMb, tmpMb } = configuration;
  const confinement = {
    isolation,
    network,
    processors: processors ?? (input.memoryMb === undefined ? "all" : "share"),
    root: rootOf({ root }),
    memoryMb,
    tmpMb,
  };
  checkConfinement(confinement);
  const pace = streamPace === "documented" ? documentedPace : streamPace;
  const given = { ...(initTimeoutMs === undefined ? {} : { initTimeoutMs }), ...(supervise && { supervise }) };
  const each = { debugging, faults: plan, streamPace: pace, ...given };
  return { configuration, mode, confinement, environmentsMax, idleTimeoutMs, each };
}

/** Numbers that are this emulator's own. */
function checkOwnNumbers(numbers: Readonly<Record<string, number | undefined>>): void {
  for (const [field, value] of Object.entries(numbers)) {
    if (value === undefined || (value >= 0 && !Number.isNaN(value))) continue;
    throw new InvalidConfigurationError(field, "a number from 0");
  }
}

/** A debugger connects to a port of this machine, and in a network of its own nobody would hear it. */
function checkDebugging(debugging: Debugging | undefined, network: NetworkMode): void {
  if (debugging === undefined || network === "host") return;
  throw new CannotConfineError(`Cannot debug in the network "${network}", which no debugger reaches: use "host"`);
}
