import { of } from "../mutant.ts";

export const functionStepMutants = of("function/step.ts", [
  ["whose an environment is gets lost", "{ ...state.tenants, [environmentId]: tenantId }", "state.tenants"],
  [
    "a closed environment keeps its tenant",
    "return [{ ...state, environments, tenants }, [",
    "return [{ ...state, environments }, [",
  ],
  [
    "a closed environment takes up room",
    "return [{ ...state, environments, tenants }, [",
    'return [{ ...state, environments: { ...environments, [environmentId]: { at: "busy" } }, tenants }, [',
  ],
  [
    "an environment that is reclaimed gets an invocation",
    'withPlacement(state, environmentId, { at: "reclaimed" })',
    "state",
  ],
  ["the idle time is not counted", "after(at, state.settings.idleTimeoutMs)", "at"],
  ["a busy environment gets an invocation", "environment.slots === 0 || ", ""],
  [
    "an environment that is being reclaimed gets an invocation",
    'environment.at !== "open" || environment.slots === 0',
    'environment.at === "open" && environment.slots === 0',
  ],
  ["an environment that took an invocation stays free", "slots: slots - 1, placed", "slots, placed"],
  ["what is placed is not counted", "placed: placed + 1", "placed"],
  ["a tenant gets the environment of another", " || state.tenants[environmentId] !== tenantId) continue", ") continue"],
  [
    "concurrency has no limit",
    "if (Object.keys(state.environments).length >= state.settings.environmentsMax) {",
    "if (state.settings.environmentsMax < 0) {",
  ],
  [
    "ids are used again",
    "  const environmentId = state.lastId + 1;\n  const tenants",
    "  const environmentId = Object.keys(state.environments).length + 1;\n  const tenants",
  ],
  ["a busy environment is reclaimed", " || !environment.idle) return [state, []];", ") return [state, []];"],
  [
    "an idle alarm is not cleared when an invocation comes",
    'idle ? [{ type: "clear-idle-alarm", environmentId }] : []',
    "[]",
  ],
  [
    "a new environment has one slot, whatever it could take",
    "const slots = state.settings.invocationsMax - 1;",
    "const slots = 0;",
  ],
  ["what is on its way is forgotten", "Math.max(0, input.slots - underway)", "input.slots"],
  ["an environment is idle with an invocation on its way", " && underway === 0", ""],
  ["a provisioned environment is reclaimed", " && !known.provisioned", ""],
  ["the idle alarm is set again and again", "if (idle === known.idle) return [told, []];", ""],
  ["a provisioned environment takes invocations before it is ready", "slots: 0, placed: 0", "slots: 1, placed: 0"],
  ["provisioned environments know no limit", " || Object.keys(state.environments).length >= environmentsMax", ""],
  ["one environment is provisioned, whatever was asked", "provision(created, count - 1)", "provision(created, 0)"],
  [
    "an environment that is being reclaimed is open again",
    'if (known?.at !== "open") return [state, []];',
    'if (known === undefined) return [state, []];\n  if (known.at !== "open") return [withPlacement(state, environmentId, { at: "open", slots: input.slots, placed: 0, idle: false, provisioned: false }), []];',
  ],
]);
