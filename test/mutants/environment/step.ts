import { of } from "../mutant.ts";

export const environmentStepMutants = of("environment/step.ts", [
  [
    "Init begins anywhere",
    'environment.phase.at === "cold" ? beginInit',
    'environment.phase.at !== "init" ? beginInit',
  ],
  [
    "nothing settles after a step",
    "andThen(react(environment, input, at), (next) => settle(next, at))",
    "react(environment, input, at)",
  ],
  [
    "an invocation begins with the processors of its Init",
    "[...shareProcessors(environment, moved), ...effects]",
    "[...effects, ...shareProcessors(environment, moved)]",
  ],
  ["settling stops after one move", "andThen(moved, (next) => settle(next, at))", "moved"],
  [
    "an invocation that waits in a cold environment is forgotten",
    "Object.keys(environment.invocations).length > 0 ? beginInit(environment, at) : stepped(environment)",
    "stepped(environment)",
  ],
  ["the Init limit rings unheard", "return initOverran(environment, at);", "return stepped(environment);"],
  [
    "the runtime gets SIGTERM twice instead of SIGKILL",
    'process: "runtime", signal: "SIGKILL" }',
    'process: "runtime", signal: "SIGTERM" }',
  ],
  ["the shutdown deadline kills nobody", "return killEverybody(environment);", "return stepped(environment);"],
  [
    "a lost connection takes every waiting next along",
    "nextCalls: runtime.nextCalls.filter((other) => other !== call)",
    "nextCalls: []",
  ],
  ["a lost next stays held", 'runtime.at === "serving" && runtime.nextCalls.includes(call)', "false"],
  [
    "a lost connection of one extension is taken for another's",
    'extension.at !== "ready" || extension.call !== call',
    'extension.at !== "ready"',
  ],
  [
    "an extension that lost its connection is taken for one that never came",
    '{ at: "away", kind, identifier, events }',
    '{ at: "registered", kind, identifier, events }',
  ],
  [
    "an init error after the restore is one of Init",
    'if (environment.runtime.at === "restoring") return reportRestoreError(environment, input);',
    "",
  ],
  [
    "a snapshot is never restored",
    "Object.keys(environment.invocations).length > 0 ? beginRestore(environment, at) : stepped(environment)",
    "stepped(environment)",
  ],
  ["the restore's limit rings unheard", "return restoreOverran(environment, at);", "return stepped(environment);"],
  [
    "a time-out on Managed Instances resets everything",
    'managed(environment) ? expire(environment, name.slice("timeout:".length)) : timeOut(environment, at)',
    "timeOut(environment, at)",
  ],
  [
    "invocations on Managed Instances wait for each other",
    "if (managed(environment)) return settleManaged(environment, at);\n      return settleInvoke",
    "return settleInvoke",
  ],
  [
    "nothing begins on idle Managed Instances",
    "return managed(environment) ? settleManaged(environment, at) : stepped(environment);",
    "return stepped(environment);",
  ],
  ["a lost restore/next stays held", 'runtime.at === "restore-ready" && runtime.call === call', "false"],
]);
