import type { EmulatorCase } from "../emulator-case.ts";
import type { EmulatorMove } from "../emulator-move.ts";
import { done, respond } from "./emulator-steps.ts";
import { eventNext, next, register } from "./requests.ts";

const by = "watcher";

function event(as: string, registration = "registration"): EmulatorMove {
  const headers = { "Lambda-Extension-Identifier": `{${registration}.Lambda-Extension-Identifier}` };
  return { type: "begin", as, by, ...eventNext, headers };
}

/** The external extension has registered for these events and waits, and the runtime has its event. */
function up(events: readonly string[], caller = "caller", registration = "registration"): readonly EmulatorMove[] {
  return [
    { type: "invoke", as: caller, event: "{}" },
    { type: "await-start", who: by },
    {
      type: "call",
      as: registration,
      by,
      ...register,
      headers: { "Lambda-Extension-Name": by },
      body: JSON.stringify({ events }),
    },
    event(`event of ${registration}`, registration),
    { type: "await-start" },
    { type: "call", as: `next of ${caller}`, ...next },
  ];
}

/** The function runs into its time-out, and its extension is told. */
const timedOut: readonly EmulatorMove[] = [
  ...up(["SHUTDOWN"]),
  { type: "await-answer", of: "event of registration" },
  { type: "exit", by, code: 0 },
  { type: "await-caller", of: "caller" },
];

/** SRV-EXT: external extensions from their start to the environment's end. */
export const emulatorShutdownCases: readonly EmulatorCase[] = [
  {
    subject: "emulator",
    id: "SRV-EXT-009",
    level: "must",
    sentence: "While an external extension has not registered the runtime is not started, and Init ends at its limit",
    why: "An extension that hangs at its start is why a function times out; here it must look the same",
    source: "RIE rapid/handlers.go",
    dependsOn: ["SRV-RT-036"],
    needs: { extensions: ["silent"] },
    timeoutSeconds: 2,
    slow: true,
    moves: [
      { type: "invoke", as: "caller", event: "{}" },
      { type: "await-start", who: "silent" },
      { type: "await-end", by: "silent" },
      { type: "await-caller", of: "caller" },
    ],
    expect: [
      { type: "processes", atMost: 0 },
      {
        type: "either",
        expectations: [
          { type: "failure", of: "caller", errorType: "." },
          { type: "body-matches", of: "caller", pattern: "Task timed out" },
        ],
      },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-018",
    level: "must",
    sentence:
      "At the end of an environment the runtime gets SIGTERM, then extensions SHUTDOWN and two seconds, then SIGKILL",
    why: "What an extension has to send when the environment goes is sent in that time or never",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    dependsOn: ["SRV-EXT-001", "SRV-RT-005"],
    needs: { extensions: [by], end: true },
    moves: [
      ...up(["SHUTDOWN"]),
      respond("response"),
      { type: "begin", as: "last next", ...next },
      { type: "await-caller", of: "caller" },
      { type: "end-emulator" },
      { type: "await-end" },
      { type: "await-answer", of: "event of registration" },
      { type: "await-end", by },
    ],
    expect: [
      { type: "signals", are: ["SIGTERM"] },
      { type: "ended", after: { answer: "event of registration" }, msMin: -5_000, msMax: 200 },
      { type: "json", of: "event of registration", fields: { eventType: "SHUTDOWN" } },
      // Emulators have words of their own for an end from outside, which extensions tolerate.
      { type: "observe", of: "event of registration", what: "body" },
      { type: "shutdown-deadline", of: "event of registration", msMin: 1_000, msMax: 2_100 },
      { type: "signals", by, are: [] },
      { type: "ended", by, after: { answer: "event of registration" }, msMin: 1_000, msMax: 4_000 },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-019",
    level: "must",
    sentence: "An environment without extensions ends by SIGKILL at once, and its runtime never sees SIGTERM",
    why: "Clean-up on SIGTERM that works here and never runs in production is data that is lost",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    dependsOn: ["SRV-RT-005"],
    needs: { end: true },
    moves: [
      { type: "invoke", as: "caller", event: "{}" },
      { type: "await-start" },
      { type: "ignore-sigterm" },
      { type: "call", as: "next", ...next },
      respond("response"),
      { type: "begin", as: "last next", ...next },
      { type: "await-caller", of: "caller" },
      { type: "end-emulator" },
      { type: "await-end" },
    ],
    expect: [{ type: "signals", are: [] }],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-020",
    level: "should",
    sentence: "With an internal extension the runtime gets SIGTERM, and SIGKILL half a second later",
    why: "Runtimes register an extension in order to get this signal, and have that long for their clean-up",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    dependsOn: ["SRV-EXT-001", "SRV-RT-005"],
    needs: { end: true },
    moves: [
      { type: "invoke", as: "caller", event: "{}" },
      { type: "await-start" },
      { type: "ignore-sigterm" },
      {
        type: "call",
        as: "registration",
        over: "extension",
        ...register,
        headers: { "Lambda-Extension-Name": "inner" },
        body: '{"events":[]}',
      },
      {
        type: "begin",
        as: "event next",
        over: "extension",
        ...eventNext,
        headers: { "Lambda-Extension-Identifier": "{registration.Lambda-Extension-Identifier}" },
      },
      { type: "call", as: "next", ...next },
      respond("response"),
      { type: "begin", as: "last next", ...next },
      { type: "await-caller", of: "caller" },
      { type: "end-emulator" },
      { type: "await-end" },
    ],
    expect: [
      { type: "signals", are: ["SIGTERM"] },
      { type: "ended", after: "signal", msMin: 250, msMax: 2_500 },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-021",
    level: "must",
    sentence: "After a time-out extensions are told SHUTDOWN with that reason, and the new ones get new identifiers",
    why: "Extensions flush on this event; and an identifier that lived on would let a dead one speak for its successor",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    dependsOn: ["SRV-EXT-001", "SRV-RT-037"],
    needs: { extensions: [by] },
    timeoutSeconds: 2,
    deadlineMsMax: 15_000,
    moves: [
      ...timedOut,
      ...up(["SHUTDOWN"], "second caller", "second registration"),
      respond("response"),
      ...done("second caller"),
    ],
    expect: [
      { type: "body-matches", of: "event of registration", pattern: '"eventType"\\s*:\\s*"SHUTDOWN"' },
      { type: "body-matches", of: "event of registration", pattern: '"shutdownReason"\\s*:\\s*"[Tt]imeout"' },
      {
        type: "header-differs",
        of: "second registration",
        from: "registration",
        name: "Lambda-Extension-Identifier",
      },
      { type: "body", of: "second caller", equals: '"ok"' },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-022",
    level: "should",
    sentence: "A SHUTDOWN event has no event identifier, and is labelled as text, as in production, or as JSON",
    why: "A client that goes by the label parses INVOKE and drops SHUTDOWN, which only the real label shows",
    source: "RIE rapi/rendering/rendering.go, and answers of the real service",
    dependsOn: ["SRV-EXT-021"],
    needs: { extensions: [by] },
    timeoutSeconds: 2,
    deadlineMsMax: 15_000,
    moves: timedOut,
    expect: [
      {
        type: "header",
        of: "event of registration",
        name: "Lambda-Extension-Event-Identifier",
        is: { absentOrEmpty: true },
      },
      {
        type: "header",
        of: "event of registration",
        name: "Content-Type",
        is: { matches: "^(text/plain; charset=utf-8|application/json)" },
      },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-023",
    level: "must",
    sentence: "An extension has the environment variables of an extension: not the handler, not the function's folders",
    why: "Code that reads them works here and finds nothing in production",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html",
    dependsOn: ["SRV-EXT-001", "SRV-RT-005"],
    needs: { extensions: [by] },
    moves: [...up([]), respond("response"), ...done("caller")],
    expect: [
      {
        type: "variables",
        by,
        present: ["AWS_LAMBDA_RUNTIME_API", "AWS_LAMBDA_FUNCTION_NAME"],
        absent: [
          "_HANDLER",
          "AWS_EXECUTION_ENV",
          "AWS_LAMBDA_LOG_GROUP_NAME",
          "AWS_LAMBDA_LOG_STREAM_NAME",
          "AWS_XRAY_CONTEXT_MISSING",
          "AWS_XRAY_DAEMON_ADDRESS",
          "LAMBDA_RUNTIME_DIR",
          "LAMBDA_TASK_ROOT",
          "_AWS_XRAY_DAEMON_ADDRESS",
          "_AWS_XRAY_DAEMON_PORT",
        ],
      },
    ],
  },
];
