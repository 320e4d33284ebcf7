/**
 * A whole function under a random subset of faults: every promise is checked at every step. Then the faults stop, and what
 * is left must come right: each invocation has its outcome, each environment rests or is gone, and callers are served again.
 */
import type { Input } from "../../core/environment/input.ts";
import { invariant } from "../../protocol/unreachable.ts";
import { core, FunctionWorld, type Subject } from "./function-world.ts";
import { type FaultKind, type Swarm, swarmOf } from "./swarm.ts";

export interface Simulated {
  readonly swarm: Swarm;
  /** How many invocations ended in each way. */
  readonly endings: Readonly<Record<string, number>>;
}

/** A promise that was broken, with what it takes to break it again. */
export class SimulationError extends Error {
  readonly code = "SIMULATION_FAILED";
  readonly swarm: Swarm;

  constructor(swarm: Swarm, world: FunctionWorld, cause: unknown) {
    super(story(swarm, world, cause), { cause });
    this.swarm = swarm;
  }
}

/** Callers come, and faults strike, for so long. */
const troubleMs = 60_000;

/** More than an idle time, a shutdown and every phase together. */
const restMs = 400_000;

const entriesMax = 200_000;

export function simulate(
  seed: number,
  without: ReadonlySet<FaultKind> = new Set(),
  subject: Subject = core,
): Simulated {
  const swarm = swarmOf(seed, without);
  const world = new FunctionWorld(swarm, subject);
  try {
    trouble(world);
    recovery(world);
  } catch (cause) {
    throw new SimulationError(swarm, world, cause);
  }
  const endings: Record<string, number> = {};
  for (const ending of world.endings.values()) endings[ending] = (endings[ending] ?? 0) + 1;
  return { swarm, endings };
}

/** The failure with the fewest kinds of fault that can be had by leaving out one after another. */
export function minimised(failure: SimulationError, subject: Subject = core): SimulationError {
  const { seed, faults } = failure.swarm;
  const without = new Set<FaultKind>();
  let smallest = failure;
  for (const kind of faults) {
    try {
      simulate(seed, new Set([...without, kind]), subject);
    } catch (error) {
      if (!(error instanceof SimulationError)) throw error;
      without.add(kind);
      smallest = error;
    }
  }
  return smallest;
}

function trouble(world: FunctionWorld): void {
  const { agenda, random, swarm } = world;
  const arrive = () => {
    if (agenda.now >= troubleMs) return;
    world.invoke();
    agenda.after(random.between(0, swarm.rarity), arrive);
  };
  agenda.after(random.between(0, 2_000), arrive);
  const meddle = () => {
    if (agenda.now >= troubleMs) return;
    if (world.strikes("closed-outside", 0.3)) world.closeOne();
    agenda.after(random.between(1, 10_000), meddle);
  };
  agenda.after(random.between(1, 10_000), meddle);
  agenda.run(troubleMs, entriesMax);
}

function recovery(world: FunctionWorld): void {
  const { endings } = world;
  world.heal();
  rest(world);
  // A process that faults have damaged may still be there for one caller or two; another is made when one has failed.
  for (let caller = 0; caller < 4; caller++) {
    world.invoke();
    rest(world);
  }
  const last = [...endings.values()].at(-1) ?? "none";
  invariant(served.has(last), `when the faults are over callers are served again, not ${last}`);
}

/** A handler may fail; what counts is that it was asked. */
const served = new Set(["response", "stream", "error"]);

/** Runs until nothing can happen any more. */
function rest(world: FunctionWorld): void {
  const { agenda, endings, swarm, worlds } = world;
  agenda.run(agenda.now + restMs, entriesMax);
  for (const [attempt, ending] of endings) invariant(ending !== "none", `"${attempt}" has an outcome in the end`);
  for (const { id, state, alarms } of world.worlds) {
    const resting = ["cold", "idle", "snapshot"].includes(state.phase.at);
    invariant(resting, `environment ${id} rests in the end, and is not in ${state.phase.at}`);
    invariant(alarms.length === 0, `nothing is to happen in environment ${id} in the end`);
  }
  invariant(worlds.length <= swarm.function.environmentsMax, "there are no more environments than there may be");
  invariant(world.worlds.length <= swarm.provisioned, "environments that nobody needs are reclaimed");
}

/** The last inputs of each environment, oldest first. */
const inputsTold = 25;

function story(swarm: Swarm, world: FunctionWorld, cause: unknown): string {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const { initializationType, timeoutMs, invocationsMax, externalExtensions } = swarm.settings;
  const told = world.worlds.flatMap(({ id, state, inputs }) => [
    `environment ${id}, ${state.phase.at}, after ${inputs.length} inputs:`,
    ...inputs.slice(-inputsTold).map(([at, input]) => `  ${at} ${say(input)}`),
  ]);
  return [
    reason,
    `seed ${swarm.seed}, at ${world.agenda.now} ms: ${initializationType}, ${invocationsMax} at once, time-out ${timeoutMs} ms, extensions [${externalExtensions.join(", ")}]`,
    `faults: ${[...swarm.faults].join(", ")}`,
    ...told,
  ].join("\n");
}

function say(input: Input): string {
  return JSON.stringify(input);
}
