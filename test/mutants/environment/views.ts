import { of } from "../mutant.ts";

export const environmentViewsMutants = of("environment/views.ts", [
  [
    "strangers' names are looked up in the prototype",
    "Object.hasOwn(record, key) ? record[key] : undefined",
    "record[key]",
  ],
  [
    "internal extensions are processes",
    'extension.kind === "external" && extension.at !== "exited"',
    'extension.at !== "exited"',
  ],
  [
    "extensions that exited are alive",
    'extension.kind === "external" && extension.at !== "exited"',
    'extension.kind === "external"',
  ],
  [
    "an Init phase has the share of its function",
    'phase.at === "cold" || phase.at === "init" ?',
    'phase.at === "cold" ?',
  ],
  ["the deadline is the start", "after(startedAt, environment.settings.timeoutMs)", "startedAt"],
  [
    "any extension answers to any identifier",
    "if (extension.identifier === identifier) return",
    "if (identifier !== undefined) return",
  ],
  [
    "a body of one call ends another",
    'invocation.at === "answering" && invocation.call === call',
    'invocation.at === "answering"',
  ],
  ["a runtime that failed is called ready", 'if (runtime.at === "init-error") return "InitError";', ""],
  [
    "an error that is read is called a response",
    'return invocation.answer === "error" ? "InvocationErrorResponse" : "InvocationResponse";',
    'return "InvocationResponse";',
  ],
  [
    "a runtime that waits is called one that has answered",
    'invocation.runtimeDoneAt === undefined ? "RuntimeResponseSentState" : "Ready"',
    '"RuntimeResponseSentState"',
  ],
  [
    "a runtime that has answered is called ready",
    'invocation.runtimeDoneAt === undefined ? "RuntimeResponseSentState" : "Ready"',
    '"Ready"',
  ],
  ["Managed Instances are frozen while idle", '(at === "idle" && !managed(environment))', 'at === "idle"'],
  ["a snapshot goes on running", 'at === "snapshot" || (at', "(at"],
  [
    "an environment that is made ahead takes invocations while it initialises",
    'settings.initializationType === "provisioned-concurrency" ? 0 : room',
    "room",
  ],
  [
    "an environment that initialises has no room",
    'settings.initializationType === "provisioned-concurrency" ? 0 : room',
    "0",
  ],

  ["Managed Instances have slots that no runtime worker waits in", "return Math.min(room, waiting);", "return room;"],
  ["Managed Instances take more than they may", "return Math.min(room, waiting);", "return waiting;"],
  [
    "a provisioned environment does not repeat its Init",
    ' || settings.initializationType === "provisioned-concurrency";\n}',
    ";\n}",
  ],
]);
