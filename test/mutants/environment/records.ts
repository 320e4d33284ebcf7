import { of } from "../mutant.ts";

export const environmentRecordsMutants = of("environment/records.ts", [
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
]);
