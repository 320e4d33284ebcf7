import { of } from "../mutant.ts";

export const environmentInitMutants = of("environment/init.ts", [
  [
    "a repeated Init has the Init limit, not the function's time-out",
    'initPhase === "invoke" ? startPending',
    'initPhase !== "invoke" ? startPending',
  ],
  ["Init has no limit", "return stepped(environment, limit);", "return stepped(environment);"],
  [
    "a repeated Init that nobody waits for has no limit",
    "if (waiting.length === 0) return limitInit(environment, at);",
    "",
  ],
  [
    "the clock of a repeated Init does not run",
    "invocation.invocationId, startedAt: at }",
    "invocation.invocationId }",
  ],
  [
    "no alarm for the invocation that an Init is repeated in",
    "at: deadlineOf(next, at) },",
    "at: deadlineOf(next, at) + 1 },",
  ],
  [
    "Init is not recorded as begun",
    '{ type: "record", record: { type: "platform.initStart", phase: initPhase } },',
    "",
  ],
  ["extensions start in reverse", "...names.map(", "...names.toReversed().map("],
  [
    "the runtime starts before the extensions have registered",
    'if (extensions.some((extension) => extension.at === "launched")) return stepped(environment);',
    "",
  ],
  ["one extension that is ready speaks for all", "extensions.every((extension)", "extensions.some((extension)"],
  [
    "an extension away from next is not ready",
    'extension.at === "ready" || extension.at === "away"',
    'extension.at === "ready"',
  ],
  [
    "the Init limit outlives Init",
    '{ type: "clear-alarm", alarm: "init" },\n    ...extensionRecords',
    "...extensionRecords",
  ],
  ["extensions are not recorded when Init ends", "...extensionRecords(environment),", ""],
  ["no environment is frozen after Init", 'stepped(next, { type: "freeze" })', "stepped(next)"],
  [
    "init/error is taken after next",
    'if (runtime.at !== "started" || phase.at !== "init") {',
    'if (phase.at !== "init") {',
  ],
  [
    "init/error is taken after Init",
    'if (runtime.at !== "started" || phase.at !== "init") {',
    'if (runtime.at !== "started") {',
  ],
  [
    "an init error records the type that was sent, not the filtered one",
    "const errorType = recordedErrorType(input.errorType);",
    'const errorType = input.errorType ?? "";',
  ],
  ["an init error is recorded twice", "const done = { ...phase, runtimeDone: true };", "const done = { ...phase };"],
  ["an empty init error is handed on", "input.bytes > 0", "input.bytes >= 0"],
  ["Init ends before the extensions are ready", "return waits && ready ?", "return waits ?"],
  ["Init ends before the runtime is ready", "return waits && ready ?", "return ready ?"],
  [
    "Init never ends for a runtime that waits for its restore",
    'runtime.at === "serving" || runtime.at === "restore-ready";',
    'runtime.at === "serving";',
  ],
  [
    "a repeated Init shows an Init Duration",
    'initPhase === "init" ? { at: "idle", initDurationMs: durationMs }',
    'initPhase !== undefined ? { at: "idle", initDurationMs: durationMs }',
  ],
  [
    "an invocation that waited for Init waits on",
    "Object.keys(environment.invocations).length > 0;\n  return andThen(ended",
    "Object.keys(environment.invocations).length > 1;\n  return andThen(ended",
  ],
  ["Managed Instances are frozen after Init", "if (managed(environment)) return ended;", ""],
  ["SnapStart takes no snapshot", 'return { at: "snapshot" };', 'return { at: "idle" };'],
  [
    "the end of the runtime's Init is not recorded",
    'record: { type: "platform.initRuntimeDone", phase: phase.initPhase, status: "success" }',
    'record: { type: "platform.initStart", phase: phase.initPhase }',
  ],
  ["the end of the runtime's Init is forgotten", "phase: { ...phase, runtimeDone: true } },", "phase },"],
  [
    "an init error answers an invocation that came later",
    "if (startedAt === undefined && repeatsInit(next)) return stepped(next);",
    "",
  ],
  [
    "an init error is kept from those for whom no Init is repeated",
    "startedAt === undefined && repeatsInit(next)",
    "startedAt === undefined",
  ],
  ["who was told of an init error is told again", "? withoutInvocation(next, requestId)", "? next"],
]);
