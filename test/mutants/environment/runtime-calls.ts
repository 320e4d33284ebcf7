import { of } from "../mutant.ts";

export const environmentRuntimeCallsMutants = of("environment/runtime-calls.ts", [
  ["next is taken after an init error", 'case "init-error":\n', ""],
  [
    "a second next replaces the first",
    'stepped(withRuntime(environment, { at: "serving", nextCalls: [...runtime.nextCalls, call] }))',
    'stepped(withRuntime(environment, { at: "serving", nextCalls: [call] }))',
  ],
  [
    "next is taken while an answer is read",
    'if (invocation.at === "answering" || invocation.at === "spoiled") {',
    'if (invocation.at === "spoiled") {',
  ],
  [
    "next is taken after an invalid mode",
    'if (invocation.at === "answering" || invocation.at === "spoiled") {',
    'if (invocation.at === "answering") {',
  ],
  [
    "ids are looked up in the prototype",
    "own(environment.invocations, input.requestId)",
    "environment.invocations[input.requestId]",
  ],
  [
    "Managed Instances refuse an error while a response is read",
    'input.answer === "error" && invocation.at === "answering" && invocation.answer !== "error"',
    "false",
  ],
  ["Managed Instances take a second error", ' && invocation.answer !== "error"', ""],
  ["an invalid mode is taken", 'if (input.mode === "invalid") return', 'if (input.mode === "streaming") return'],
  ["a stream is not passed on", 'input.answer === "response" && input.mode === "streaming"', "false"],
  [
    "an error is passed on as a stream",
    'input.answer === "response" && input.mode === "streaming"',
    'input.mode === "streaming"',
  ],
  [
    "a stream over its limit is refused",
    'invocation.answer === "stream" && input.ending === "oversize" ? "complete" : input.ending',
    "input.ending",
  ],
  [
    "the bytes of a broken stream are not counted",
    ' || invocation.answer === "stream" ? input.bytes',
    " ? input.bytes",
  ],
  [
    "the outcome of a stream is that of a response",
    'if (invocation.answer === "stream") return streamOutcome(input);',
    "",
  ],
  ["the trailers of a stream are lost", "errorType === undefined ? outcome : { ...outcome, errorType }", "outcome"],
  ["a missing echo is refused", "input.invocationId !== undefined && input.invocationId !==", "input.invocationId !=="],
  ["a stale echo is taken", "input.invocationId !== invocation.invocationId", "false"],
  [
    "a late answer is taken during a reset",
    'if (environment.phase.at === "shutdown") return runtimeRefusals.invokeTimeout;',
    "",
  ],
  [
    "a refused error is called a response",
    'input.answer === "response" ? "InvocationResponse" : "InvocationErrorResponse"',
    '"InvocationResponse"',
  ],
  [
    "the caller of an invalid mode gets nothing",
    '    { type: "complete-invocation", requestId: input.requestId, outcome: { type: "fault", error } },\n',
    "",
  ],
  [
    "a body that ends during a reset is the caller's answer",
    'if (environment.phase.at === "shutdown") {',
    "if (false) {",
  ],
  [
    "a broken body counts its bytes",
    'input.ending === "complete" || invocation.answer === "stream" ? input.bytes : 0',
    "input.bytes",
  ],
  [
    "the runtime is done when it has answered",
    "read: { beganAt: invocation.beganAt, endedAt: at },",
    "read: { beganAt: invocation.beganAt, endedAt: at }, runtimeDoneAt: at,",
  ],
  [
    "an answer takes no time",
    "read: { beganAt: invocation.beganAt, endedAt: at }",
    "read: { beganAt: at, endedAt: at }",
  ],
  ["an answer is awaited for no time", "beganAt: at,", "beganAt: startedAt,"],
  [
    "a truncated body is accepted",
    'return { type: "refuse-call", call, refusal: runtimeRefusals.truncated };',
    'return { type: "answer-call", call, answer: { type: "accepted" } };',
  ],
  [
    "an oversize body is accepted",
    'return { type: "refuse-call", call, refusal: tooLarge(limits.payloadBytesMax) };',
    'return { type: "answer-call", call, answer: { type: "accepted" } };',
  ],
  [
    "an oversize response reaches the caller",
    'if (input.ending === "oversize") return { type: "fault", error: responseTooLarge() };',
    "",
  ],
  [
    "an empty error reaches the caller",
    'input.ending === "complete" && input.bytes > 0',
    'input.ending === "complete"',
  ],
  ["a truncated error reaches the caller", 'input.ending === "complete" && input.bytes > 0', "input.bytes > 0"],
  ["an error reaches the caller as a response", 'if (invocation.answer === "error") {', "if (false) {"],
  [
    "a truncated response reaches the caller",
    'if (input.ending === "complete") return { type: "response"',
    'if (input.ending !== "oversize") return { type: "response"',
  ],
  [
    "a further next during Invoke waits",
    'if (phase.at === "invoke" && !managed(environment)) return nextDuringInvoke(environment, runtime.nextCalls, call);',
    "",
  ],
  [
    "a further next on Managed Instances gets an event again",
    'phase.at === "invoke" && !managed(environment)',
    'phase.at === "invoke"',
  ],
  [
    "any number of next calls waits",
    "if (runtime.nextCalls.length >= limits.idleNextCallsMax)",
    "if (runtime.nextCalls.length > limits.idleNextCallsMax)",
  ],
  [
    "a restored runtime may not ask for next",
    '    case "restoring":\n      return stepped(withRuntime(environment, { at: "serving", nextCalls: [call] }));\n',
    '    case "restoring":\n',
  ],
  [
    "a next is taken while restore/next waits",
    '    case "restore-ready":\n    case "restore-error":\n      return refuse',
    '    case "restore-error":\n      return refuse',
  ],
  [
    "a late answer is forgotten at once",
    "const forgotten = invocation === undefined ? takeLate(environment, input.requestId) : undefined;",
    "const forgotten: Environment | undefined = undefined;",
  ],
  [
    "a later attempt's answer is taken for the late one",
    "invocation === undefined ? takeLate(environment, input.requestId) : undefined",
    "takeLate(environment, input.requestId)",
  ],
  ["an answer is taken up before the restore is over", '|| environment.phase.at === "restore") return', ") return"],
  [
    "the state is checked before the id",
    "  if (invocation === undefined || environment",
    '  if (invocation === undefined && environment.phase.at === "invoke") return runtimeTransitionRefused(runtimeStateName(environment), "InvocationResponse");\n  if (invocation === undefined || environment',
  ],
  [
    "a second answer on Managed Instances is a matter of states",
    "  if (managed(environment)) return cutsShort(input, invocation) ? undefined : runtimeRefusals.invalidRequestId;\n",
    "",
  ],
]);
