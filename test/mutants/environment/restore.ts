import { of } from "../mutant.ts";

export const environmentRestoreMutants = of("environment/restore.ts", [
  [
    "restore/next does not end the runtime's Init",
    "return initRuntimeDone(waiting, phase);",
    "return stepped(waiting);",
  ],
  ["restore/next is taken at any time", 'runtime.at === "started" && phase.at === "init"', 'phase.at === "init"'],
  ["two restore/next wait", " && runtime.call === undefined) return stepped(waiting);", ") return stepped(waiting);"],
  [
    "a restore/next that comes again is refused",
    'runtime.at === "restore-ready" && runtime.call === undefined',
    "false",
  ],
  ["a restore runs frozen", '    { type: "thaw" },\n', ""],
  [
    "a restore has no limit",
    '    { type: "set-alarm", alarm: "restore", at: after(at, limits.restoreTimeoutMs) },\n',
    "",
  ],
  ["a restore begins without a record", '    { type: "record", record: { type: "platform.restoreStart" } },\n', ""],
  [
    "the runtime is not told of its restore",
    ', { type: "answer-call", call: runtime.call, answer: { type: "restored" } }',
    "",
  ],
  [
    "a restore is over before the runtime asks for next",
    'runtime.at === "serving" ? endRestore',
    'runtime.at !== "restore-error" ? endRestore',
  ],
  ["REPORT shows no restore", '{ at: "idle", restoreDurationMs: durationMs }', '{ at: "idle" }'],
  ["the restore's alarm rings in the invocation", '    { type: "clear-alarm", alarm: "restore" },\n', ""],
  [
    "a restore that succeeds has no report",
    '    { type: "record", record: { type: "platform.restoreReport", status: "success", durationMs } },\n',
    "",
  ],
  [
    "a restore error is taken before the restore",
    'environment.runtime.at !== "restoring"',
    'environment.runtime.at === "serving"',
  ],
  ["the caller is not told of a restore error", "    ...refused,\n", ""],
  ["who was told of a restore error is told again", ", invocations: {} },", " },"],
  ["a restore error's type is not checked", "recordedErrorType(input.errorType)", 'input.errorType ?? ""'],
  ["a restore that overruns is the function's time-out", '    refusal: "SnapStartTimeoutException",\n', ""],
]);
