// biome-ignore-all lint/suspicious/noTemplateCurlyInString: mutants quote source text
/**
 * The decisions of `src/core`, each with the mistake that would reverse it. The core's own tests must notice every one:
 * a mutant that survives is a test that is missing. `find` is exact text that occurs once in the file.
 */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const mutants: readonly Mutant[] = [
  ...of("environment/step.ts", [
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
  ]),
  ...of("environment/init.ts", [
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
    ["Init ends before the extensions are ready", 'runtime.at === "serving" && ready ?', 'runtime.at === "serving" ?'],
    ["Init ends before the runtime is ready", 'runtime.at === "serving" && ready ?', "ready ?"],
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
    [
      "a repeated Init shows an Init Duration",
      'phase.initPhase === "init" ? { at: "idle", initDurationMs',
      'phase.initPhase !== undefined ? { at: "idle", initDurationMs',
    ],
    ["no environment is frozen after Init", 'stepped(next, { type: "freeze" })', "stepped(next)"],
    [
      "an invocation that waited for Init waits on",
      "Object.keys(next.invocations).length > 0 ?",
      "Object.keys(next.invocations).length > 1 ?",
    ],
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
    [
      "an init error answers an invocation that came later",
      "if (invocation.startedAt === undefined) return stepped(next);",
      "",
    ],
    ["an empty init error is handed on", "input.bytes > 0", "input.bytes >= 0"],
  ]),
  ...of("environment/invoke.ts", [
    ["an invocation is taken while another runs", '["cold", "init", "idle"].includes(phase.at)', "true"],
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
    ["REPORT shows no Init Duration", "...(initDurationMs === undefined ? {} : { initDurationMs }),", ""],
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
    [
      "a time-out is written in milliseconds",
      "(environment.settings.timeoutMs / 1000).toFixed(2)",
      "environment.settings.timeoutMs.toFixed(2)",
    ],
    ["a time-out is an error", 'status: "timeout",', 'status: "error",'],
    [
      "a time-out is a failure of the runtime",
      "errorType: platformErrors.timedOut",
      "errorType: platformErrors.runtimeExit",
    ],
  ]),
  ...of("environment/runtime-calls.ts", [
    ["next is taken after an init error", 'case "init-error":\n', ""],
    [
      "a second next replaces the first",
      'stepped(withRuntime(environment, { at: "serving", nextCalls: [...runtime.nextCalls, call] }))',
      'stepped(withRuntime(environment, { at: "serving", nextCalls: [call] }))',
    ],
    [
      "a further next during Invoke waits",
      'if (phase.at === "invoke") return nextDuringInvoke(environment, runtime.nextCalls, call);',
      "",
    ],
    [
      "the end of the runtime's Init is not recorded",
      'record: { type: "platform.initRuntimeDone", phase: phase.initPhase, status: "success" }',
      'record: { type: "platform.initStart", phase: phase.initPhase }',
    ],
    ["the end of the runtime's Init is forgotten", "phase: { ...phase, runtimeDone: true } },", "phase },"],
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
    [
      "a missing echo is refused",
      "input.invocationId !== undefined && input.invocationId !==",
      "input.invocationId !==",
    ],
    ["a stale echo is taken", "input.invocationId !== invocation.invocationId", "false"],
    [
      "a late answer is taken during a reset",
      'if (environment.phase.at === "shutdown") return runtimeRefusals.invokeTimeout;',
      "",
    ],
    [
      "the state is checked before the id",
      "if (invocation === undefined) return runtimeRefusals.invalidRequestId;",
      'if (invocation === undefined && environment.phase.at !== "invoke") return runtimeRefusals.invalidRequestId;\n  if (invocation === undefined) return runtimeTransitionRefused(runtimeStateName(environment), "InvocationResponse");',
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
  ]),
  ...of("environment/extension-calls.ts", [
    ["unknown events are taken", "if (unknown !== undefined) return invalidEventType(unknown);", ""],
    ["internal extensions may ask for SHUTDOWN", '!external && events.includes("SHUTDOWN")', "false"],
    [
      "external extensions may not ask for SHUTDOWN",
      '!external && events.includes("SHUTDOWN")',
      'events.includes("SHUTDOWN")',
    ],
    [
      "state is checked before events",
      "eventsRefused(input.events, external) ?? (external ? externalRefused : internalRefused)(environment, input.name)",
      "(external ? externalRefused : internalRefused)(environment, input.name) ?? eventsRefused(input.events, external)",
    ],
    [
      "an external extension registers twice",
      'if (extension?.at === "launched") return',
      'if (extension !== undefined && extension.at !== "exited") return',
    ],
    [
      "names of extensions are looked up in the prototype",
      "if (own(environment.extensions, name) !== undefined) return",
      "if (environment.extensions[name] !== undefined) return",
    ],
    [
      "registration never closes",
      'if (phase.at !== "init" || runtime.at === "serving") return extensionRefusals.registrationClosed;',
      "",
    ],
    [
      "registration closes with Init only",
      'if (phase.at !== "init" || runtime.at === "serving")',
      'if (phase.at !== "init")',
    ],
    [
      "registration opens again after Init",
      'if (phase.at !== "init" || runtime.at === "serving")',
      'if (phase.at === "init" && runtime.at === "serving")',
    ],
    [
      "an internal name is taken twice",
      "if (own(environment.extensions, name) !== undefined) return extensionRefusals.nameTaken;",
      "",
    ],
    [
      "an eleventh internal extension registers",
      "  return full(environment) ? extensionRefusals.tooMany : undefined;",
      "  return undefined;",
    ],
    [
      "an eleventh external extension registers",
      "return full(environment) ? extensionRefusals.tooMany : undefined;\n  const from",
      "return undefined;\n  const from",
    ],
    [
      "a tenth extension is one too many",
      "registered.length >= limits.extensionsMax",
      "registered.length >= limits.extensionsMax - 1",
    ],
    ["extensions that only run count", '.filter((extension) => extension.at !== "launched")', ""],
    ["next is taken while waiting", '    case "ready":\n    case "init-error":', '    case "init-error":'],
    [
      "SHUTDOWN is given while the runtime is being stopped",
      'phase.stage === "extensions" && events.includes',
      "events.includes",
    ],
    ["SHUTDOWN is given to whoever calls next", 'events.includes("SHUTDOWN") && !told', "!told"],
    ["SHUTDOWN is given twice", 'events.includes("SHUTDOWN") && !told', 'events.includes("SHUTDOWN")'],
    [
      "an event that is owed is forgotten",
      'extension.at === "away" && phase.at === "invoke" ? extension.owed : undefined',
      "undefined",
    ],
    [
      "an event that was owed is given during a reset",
      'extension.at === "away" && phase.at === "invoke" ? extension.owed',
      'extension.at === "away" ? extension.owed',
    ],
    ["an extension may report whenever it likes", "if (!mayReport(extension, input.report)) {", "if (false) {"],
    ["an extension may report only once", "extension.at === report || ", ""],
    ["exit/error is refused after Init", 'return report === "exit-error" && (', "return false && ("],
    ["an extension may report init/error after Init", 'return report === "exit-error" && (', "return ("],
  ]),
  ...of("environment/exits.ts", [
    [
      "an exit during a shutdown starts another",
      'environment.phase.at === "shutdown" || environment.phase.at === "closed"',
      "false",
    ],
    [
      "a bootstrap that does not start is a launch error of an extension",
      'input.process === "runtime" ? platformErrors.invalidEntrypoint',
      'input.process !== "runtime" ? platformErrors.invalidEntrypoint',
    ],
    [
      "the type of an init error is lost",
      'runtime.at === "init-error" ? runtime.errorType : platformErrors.runtimeExit',
      "platformErrors.runtimeExit",
    ],
    [
      "a signal reads like a code",
      "return `Runtime exited with error: signal: ${exit.signal}`;",
      "return `Runtime exited with error: ${exit.signal}`;",
    ],
    [
      "exit code 0 reads like the others",
      'if (exit.code === 0) return "Runtime exited without providing a reason";',
      "",
    ],
    [
      "an extension's exit code 0 reads like the others",
      'exit.code === 0 ? "exit code 0"',
      'exit.code < 0 ? "exit code 0"',
    ],
    [
      "an extension's signal reads like a code",
      'if (exit.how === "signal") return `signal: ${exit.signal}`;',
      'if (exit.how === "signal") return `exit status ${exit.signal}`;',
    ],
    [
      "an extension's init error is a crash",
      'if (extension?.at === "init-error") return platformErrors.extensionInitError;',
      "",
    ],
    [
      "an extension's exit error is a crash",
      'if (extension?.at === "exit-error") return platformErrors.extensionExitError;',
      "",
    ],
  ]),
  ...of("environment/shutdown.ts", [
    ["a time-out shuts down with failure", 'fault.status === "timeout" ? "timeout" : "failure"', '"failure"'],
    ["a crash shuts down with timeout", 'fault.status === "timeout" ? "timeout" : "failure"', '"timeout"'],
    [
      "a failed Init leaves no records",
      "andThen(initFailed(environment, fault, at), (next) =>",
      "andThen(stepped(environment), (next) =>",
    ],
    ["a process that left is stopped again", "gone === undefined ? next : withoutProcess(next, gone)", "next"],
    [
      "a failed Init is recorded as the process that left stands now",
      "andThen(initFailed(environment, fault, at), (next) =>",
      "andThen(initFailed(gone === undefined ? environment : withoutProcess(environment, gone), fault, at), (next) =>",
    ],
    ["a closed environment closes again", 'if (phase.at === "closed") return stepped(environment);', ""],
    [
      "closing during a reset is forgotten",
      'fault: phase.fault ?? fault, next: "close" }',
      "fault: phase.fault ?? fault }",
    ],
    ["closing during a reset changes what failed", "fault: phase.fault ?? fault,", "fault,"],
    ["closing inside a repeated Init writes no START", 'phase.at === "init" ? startRecords(environment) : []', "[]"],
    ["closing writes START twice", 'phase.at === "init" ? startRecords(environment) : []', "startRecords(environment)"],
    [
      "closing is a failure to the extensions",
      '{ reason: "spindown", next: "close", fault }',
      '{ reason: "failure", next: "close", fault }',
    ],
    [
      "an Init that overran is an error",
      '{ status: "timeout", errorType: platformErrors.timedOut, cause: "Init timed out" }',
      '{ status: "error", errorType: platformErrors.timedOut, cause: "Init timed out" }',
    ],
    ["the runtime's failed Init is recorded twice", "...(phase.runtimeDone ? [] : [runtimeDone]),", "runtimeDone,"],
    ["the runtime's failed Init is not recorded", "...(phase.runtimeDone ? [] : [runtimeDone]),", ""],
    ["a failed Init does not show its extensions", "...extensionRecords(environment),", ""],
    [
      "an invocation that did not begin has a START",
      "([, invocation]) => invocation.startedAt !== undefined,",
      "() => true,",
    ],
    [
      "a frozen environment is stopped without a thaw",
      'environment.phase.at === "idle" ? [{ type: "thaw" }] : []',
      "[]",
    ],
    ["the Init limit rings in a shutdown", '{ type: "clear-alarm", alarm: "init" },', ""],
    ["time-outs ring in a shutdown", "    ...timeouts,\n", ""],
    [
      "REPORT of a cut-off cold start shows no Init Duration",
      'environment.phase.at === "invoke" ? environment.phase.initDurationMs : undefined',
      "undefined",
    ],
    ["external extensions have 500 ms", "return limits.shutdownExternalMs;", "return limits.shutdownInternalMs;"],
    [
      "internal extensions have 2,000 ms",
      ".length > 0 ? limits.shutdownInternalMs : 0",
      ".length > 0 ? limits.shutdownExternalMs : 0",
    ],
    [
      "a runtime alone has 500 ms",
      "Object.keys(environment.extensions).length > 0 ? limits.shutdownInternalMs : 0",
      "limits.shutdownInternalMs",
    ],
    ["a crash writes the records of Init", 'if (phase.at !== "init") return stepped(environment);', ""],
    [
      "the runtime has the whole budget of external extensions",
      "hasExternal(environment) ? after(at, limits.shutdownRuntimeMs) : deadlineAt",
      "deadlineAt",
    ],
    [
      "the runtime beside internal extensions has 300 ms",
      "hasExternal(environment) ? after(at, limits.shutdownRuntimeMs) : deadlineAt",
      "after(at, limits.shutdownRuntimeMs)",
    ],
    [
      "a runtime alone gets SIGTERM",
      'if (deadlineAt === at) return [{ type: "signal-process", process: "runtime", signal: "SIGKILL" }];',
      "",
    ],
    ["a runtime that is gone gets a signal", 'if (environment.runtime.at === "absent") return [];', ""],
    ["the runtime is never killed", '    { type: "set-alarm", alarm: "runtime-kill", at: killAt },\n', ""],
    [
      "extensions are told before the runtime is gone",
      'environment.runtime.at === "absent" ? tellExtensions(environment, phase) : stepped(environment)',
      "tellExtensions(environment, phase)",
    ],
    [
      "the phase ends before the extensions are gone",
      "processesAlive(environment).length === 0 ? endShutdown",
      "processesAlive(environment).length <= 1 ? endShutdown",
    ],
    [
      "extensions have no deadline",
      "const deadline: readonly Effect[] = alive ?",
      "const deadline: readonly Effect[] = !alive ?",
    ],
    ["the runtime's alarm outlives it", '{ type: "clear-alarm", alarm: "runtime-kill" }, ...deadline', "...deadline"],
    ["the deadline counts from the runtime's end", "at: phase.deadlineAt }]", "at: phase.deadlineAt + 10 }]"],
    ["a busy extension is killed", "if (subscribed && working) return stepped(environment);", ""],
    ["an extension that is away is killed", ' || extension.at === "away";', ";"],
    [
      "an extension that has only registered is killed",
      'extension.at === "registered" || extension.at === "running"',
      'extension.at === "running"',
    ],
    [
      "an extension that did not ask for SHUTDOWN is told",
      'if (!subscribed || extension.at !== "ready") {',
      'if (extension.at !== "ready") {',
    ],
    [
      "an internal extension is told",
      'if (extension.kind === "internal" || extension.at === "exited") return',
      'if (extension.at === "exited") return',
    ],
    [
      "an extension that is gone is killed",
      'if (extension.kind === "internal" || extension.at === "exited") return',
      'if (extension.kind === "internal") return',
    ],
    [
      "an extension that was told SHUTDOWN is thought to wait",
      'at: "running", event: "SHUTDOWN" });\n  return stepped(running, shutdownEvent(phase, call));',
      'at: "ready", call });\n  return stepped(running, shutdownEvent(phase, call));',
    ],
    [
      "the deadline kills the runtime only",
      "processesAlive(environment).map(",
      "processesAlive(environment).slice(0, 0).map(",
    ],
    [
      "an environment that closes becomes cold",
      'phase.next === "reset" ? { at: "cold", initPhase: "invoke" } : { at: "closed" }',
      '{ at: "cold", initPhase: "invoke" }',
    ],
    [
      "a reset forgets that Init was done once",
      '{ at: "cold", initPhase: "invoke" }',
      '{ at: "cold", initPhase: "init" }',
    ],
    ["extensions survive a reset", "    extensions: {},\n", ""],
    [
      "an invocation that waits is lost in a reset",
      'if (invocation.at === "pending" && invocation.startedAt === undefined && phase.next === "reset") {',
      "if (false) {",
    ],
    [
      "an invocation that began is tried again",
      ' && invocation.startedAt === undefined && phase.next === "reset") {',
      ' && phase.next === "reset") {',
    ],
    ["an invocation that waits is lost in a close", ' && phase.next === "reset") {', ") {"],
    [
      "a caller that has its response is told of a failure",
      'invocation.at === "answered" || invocation.at === "spoiled"',
      'invocation.at === "spoiled"',
    ],
    [
      "a caller that was told of an invalid mode is told again",
      'invocation.at === "answered" || invocation.at === "spoiled"',
      'invocation.at === "answered"',
    ],
    [
      "callers are told after the records",
      "...completion, ...failureReport(environment, phase, requestId, invocation)",
      "...failureReport(environment, phase, requestId, invocation), ...completion",
    ],
    ["a fault does not name its invocation", "`RequestId: ${requestId} Error: ${fault.cause}`", "fault.cause"],
    [
      "an invocation that did not begin is reported",
      "if (fault === undefined || invocation.startedAt === undefined) return [];\n  const durationMs",
      "if (fault === undefined) return [];\n  const durationMs",
    ],
    [
      "an invocation that did not begin is cut off",
      "if (fault === undefined || invocation.startedAt === undefined) return [];\n    if",
      "if (fault === undefined) return [];\n    if",
    ],
    [
      "Duration exceeds the time-out",
      "Math.min(phase.startedAt - invocation.startedAt, environment.settings.timeoutMs)",
      "phase.startedAt - invocation.startedAt",
    ],
    [
      "the runtime worked longer than the time-out",
      "Math.min(at, deadlineOf(environment, invocation.startedAt))",
      "at",
    ],
    ["nobody is told that the runtime was cut off", "...cutOffRecords(environment, plan, at),", ""],
    [
      "the runtime's end is recorded twice",
      'if (invocation.at === "answered" && invocation.runtimeDoneAt !== undefined) return [];',
      "",
    ],
    [
      "the runtime's end is taken for granted once it has answered",
      'if (invocation.at === "answered" && invocation.runtimeDoneAt !== undefined) return [];',
      'if (invocation.at === "answered") return [];',
    ],
    ["a failure has no cause", "{ ...failureOf(fault), cause: fault.cause }", "{ ...failureOf(fault) }"],
  ]),
  ...of("environment/views.ts", [
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
  ]),
  ...of("environment/records.ts", [
    [
      "a time-out has an error type",
      'status === "timeout" ? { status } : { status, errorType }',
      "{ status, errorType }",
    ],
    ["a failure has no error type", 'status === "timeout" ? { status } : { status, errorType }', "{ status }"],
    ["an answer that was cut off has no bytes", 'invocation.at === "answered" ? invocation.bytes : 0', "0"],
    ["the response began with the invocation", "durationMs: read.beganAt - startedAt", "durationMs: 0"],
    ["the response was sent at once", "durationMs: read.endedAt - read.beganAt", "durationMs: 0"],
    ["the runtime was back at once", "durationMs: at - read.endedAt", "durationMs: 0"],
    [
      "the overhead begins with the answer",
      "const startAt = invocation.runtimeDoneAt;",
      "const startAt = invocation.read?.endedAt ?? at;",
    ],
    ["there is overhead without extensions", "if (Object.keys(environment.extensions).length === 0) return {};", ""],
    ["events of extensions are not recorded", "[] : extension.events", "[] : []"],
    ["the error of an extension is not recorded", "failed ? { errorType: extension.errorType } : {}", "{}"],
  ]),
  ...of("environment/model.ts", [["time goes backwards", "return at + durationMs;", "return at - durationMs;"]]),
  ...of("telemetry/lines.ts", [
    [
      "a successful Init is reported",
      'record.status === "success" ? [] : [initReport(record)]',
      "[initReport(record)]",
    ],
    [
      "REPORT comes without END",
      "[`END RequestId: ${record.requestId}`, report(record, facts)]",
      "[report(record, facts)]",
    ],
    ["Init is not billed", "durationMs + (initDurationMs ?? 0)", "durationMs"],
    ["the bill is rounded", "Math.ceil(", "Math.round("],
    ["the dust of binary fractions is billed", "Math.ceil(Number(durationMs.toFixed(6)))", "Math.ceil(durationMs)"],
    ["a success has no tab at its end", 'record.status === "success" ? [""]', 'record.status === "success" ? []'],
    ["failures do not name their type", "errorType === undefined ? [] : [`Error Type: ${errorType}`]", "[]"],
    ["a version is made up", "if (runtimeVersion === undefined) return [];", ""],
  ]),
  ...of("function/step.ts", [
    ["a busy environment gets an invocation", 'environment.at === "available"', "true"],
    [
      "an environment that took an invocation stays free",
      'withPlacement(state, environmentId, { at: "busy" });\n    return',
      'withPlacement(state, environmentId, { at: "available" });\n    return',
    ],
    ["a tenant gets the environment of another", "state.tenants[Number(id)] === tenantId", "true"],
    ["whose an environment is gets lost", "{ ...state.tenants, [environmentId]: tenantId }", "state.tenants"],
    [
      "a closed environment keeps its tenant",
      "return [{ ...state, environments, tenants }, [",
      "return [{ ...state, environments }, [",
    ],
    ["concurrency has no limit", "environments.length >= state.settings.environmentsMax", "false"],
    ["ids are used again", "const environmentId = state.lastId + 1;", "const environmentId = environments.length + 1;"],
    [
      "a closed environment takes up room",
      "return [{ ...state, environments, tenants }, [",
      'return [{ ...state, environments: { ...environments, [environmentId]: { at: "busy" } }, tenants }, [',
    ],
    [
      "a busy environment is reclaimed",
      'if (state.environments[environmentId]?.at !== "available") return [state, []];',
      "",
    ],
    [
      "an environment that is reclaimed gets an invocation",
      'withPlacement(state, environmentId, { at: "reclaimed" })',
      "state",
    ],
    ["the idle time is not counted", "after(at, state.settings.idleTimeoutMs)", "at"],
    [
      "an idle alarm is not cleared when an invocation comes",
      '        { type: "clear-idle-alarm", environmentId },\n        { type: "place-invocation"',
      '        { type: "place-invocation"',
    ],
  ]),
];

function of(
  file: string,
  changes: readonly (readonly [name: string, find: string, replace: string])[],
): readonly Mutant[] {
  return changes.map(([name, find, replace]) => ({ name, file: `src/core/${file}`, find, replace }));
}
