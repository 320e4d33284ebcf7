// biome-ignore-all lint/suspicious/noTemplateCurlyInString: mutants quote source text
import { of } from "../mutant.ts";

export const environmentInvokeMutants = of("environment/invoke.ts", [
  ["a frozen environment gets an event", 'stepped(accepted, { type: "thaw" })', "stepped(accepted)"],
  ["the Invoke phase forgets how long Init took", '{ ...environment.phase, at: "invoke" }', '{ at: "invoke" }'],
  ["the Init inside an invocation does not count", "invocation.startedAt ?? at", "at"],
  ["invocations have no time-out", '{ type: "set-alarm", alarm: `timeout:${requestId}`, at: deadlineAt },', ""],
  ["START is not recorded", '{ type: "record", record: { type: "platform.start", requestId } },', ""],
  ["every extension gets INVOKE", 'if (!extension.events.includes("INVOKE")) return stepped(environment);', ""],
  ["an extension that is away loses its event", 'events, owed: "INVOKE" }', "events }"],
  [
    "the newest next gets the event",
    "const [call, ...nextCalls] = runtime.nextCalls;",
    "const [call, ...nextCalls] = runtime.nextCalls.toReversed();",
  ],
  [
    "the phase ends when the caller has its response",
    "cameBack(environment) ? endInvoke(environment, phase, at) : stepped(environment)",
    "endInvoke(environment, phase, at)",
  ],
  [
    "a next that was lost is taken back",
    "cameBack(environment) ? endInvoke(environment, phase, at) : stepped(environment)",
    "stepped(environment)",
  ],
  ["an event is handed out twice", 'if (invocation.at !== "pending" || ', "if ("],
  [
    "the runtime's end is not recorded",
    'return stepped(done, runtimeDoneRecord(requestId, invocation, { status: "success" }, at));',
    "return stepped(done);",
  ],
  [
    "the phase ends without the extensions",
    "if (Object.values(environment.extensions).some(busy)) return stepped(environment);",
    "",
  ],
  ["the alarm outlives the invocation", '{ type: "clear-alarm", alarm: `timeout:${requestId}` },', ""],
  [
    "Init Duration is shown for ever",
    '{ ...environment, phase: { at: "idle" }, invocations }',
    '{ ...environment, phase: { ...phase, at: "idle" }, invocations }',
  ],
  ["nothing is frozen after an invocation", '    { type: "freeze" },\n', ""],
  ["an event that is owed does not hold the phase", "return extension.owed !== undefined;", "return false;"],
  ["an extension that is to exit does not hold the phase", 'if (extension.at === "exit-error") return true;', ""],
  [
    "a working extension does not hold the phase",
    'return extension.at === "running" && extension.event === "INVOKE";',
    "return false;",
  ],
  ["a time-out is an error", 'status: "timeout",', 'status: "error",'],
  ["an invocation is taken while another runs", '["cold", "init", "snapshot", "idle"].includes(phase.at)', "true"],
  [
    "Managed Instances take one invocation at a time",
    '(managed(environment) && phase.at === "invoke")',
    '(managed(environment) && phase.at === "closed")',
  ],
  [
    "Managed Instances begin an invocation without a slot",
    "if (managed(environment)) return acceptManaged(environment, input);",
    "",
  ],
  ["REPORT shows no cold start", "        ...coldStartOf(phase),\n", ""],
]);
