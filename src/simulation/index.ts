/** The door `bootlace/simulation`: Lambda's execution environment as a pure function, and the tools that search it. */
export type { Answer, Effect, Outcome, Stepped } from "../core/environment/effect.ts";
export type { Exit, Input } from "../core/environment/input.ts";
export { checkInvariants } from "../core/environment/invariants.ts";
export { type Environment, newEnvironment, type Settings } from "../core/environment/model.ts";
export { step } from "../core/environment/step.ts";
export { CounterexampleError, type Exploration, explore, type PhaseEdge } from "./explore.ts";
export type { Scope } from "./moves.ts";
export { minimised, type Simulated, SimulationError, simulate } from "./swarm/simulate.ts";
export { type FaultKind, faultKinds, type Swarm, swarmOf } from "./swarm/swarm.ts";
