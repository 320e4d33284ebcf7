import type { EmulatorCase } from "../emulator-case.ts";
import type { EmulatorMove, PuppetRequest } from "../emulator-move.ts";
import { delivered, done, nextOf, respond, served } from "./emulator-steps.ts";
import { eventNext, next, register, responseTo } from "./requests.ts";

function extensionNext(as: string): PuppetRequest {
  const headers = { "Lambda-Extension-Identifier": "{registration.Lambda-Extension-Identifier}" };
  return { type: "begin", as, over: "extension", ...eventNext, headers };
}

/** The runtime has answered, and an extension inside it has still to come back: until it does, nothing is frozen. */
const servedWhileExtensionIsBusy: readonly EmulatorMove[] = [
  { type: "invoke", as: "first caller", event: "{}" },
  { type: "await-start" },
  {
    type: "call",
    as: "registration",
    over: "extension",
    ...register,
    headers: { "Lambda-Extension-Name": "inner" },
    body: '{"events":["INVOKE"]}',
  },
  extensionNext("first event"),
  { type: "call", as: "first next", ...next },
  { type: "await-answer", of: "first event" },
  respond("first response"),
];

/** SRV-RT: what comes with an event, and events on connections that fare badly. */
export const emulatorDeliveryCases: readonly EmulatorCase[] = [
  {
    subject: "emulator",
    id: "SRV-RT-003",
    level: "should",
    sentence: "An event carries a trace header that can be parsed",
    why: "Tracing libraries read it as soon as it is there, and code for it is never run where it is not",
    source: "https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader",
    dependsOn: ["SRV-RT-001"],
    moves: served("caller"),
    expect: [
      {
        type: "header",
        of: nextOf("caller"),
        name: "Lambda-Runtime-Trace-Id",
        is: { matches: "(^|;)Root=1-[0-9a-f]{8}-[0-9a-f]{24}(;|$)" },
      },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-RT-004",
    level: "must",
    sentence: "What one caller sent along never comes with the event of the next one",
    why: "A client context that stays is another customer's identity in the hands of this one",
    source: "RIE rapi/rendering/rendering.go",
    dependsOn: ["SRV-RT-005"],
    moves: [
      // {"custom":{"colour":"blue"}}
      {
        type: "invoke",
        as: "rich caller",
        event: "{}",
        headers: { "X-Amz-Client-Context": "eyJjdXN0b20iOnsiY29sb3VyIjoiYmx1ZSJ9fQ==" },
      },
      { type: "await-start" },
      { type: "call", as: "first next", ...next },
      respond("first response"),
      { type: "begin", as: "second next", ...next },
      { type: "await-caller", of: "rich caller" },
      { type: "invoke", as: "poor caller", event: "{}" },
      { type: "await-answer", of: "second next" },
      respond("second response"),
      ...done("poor caller"),
    ],
    expect: [
      { type: "status", of: "second next", oneOf: [200] },
      { type: "header", of: "second next", name: "Lambda-Runtime-Client-Context", is: { absentOrEmpty: true } },
      { type: "header", of: "second next", name: "Lambda-Runtime-Cognito-Identity", is: { absentOrEmpty: true } },
      { type: "header", of: "second next", name: "Lambda-Runtime-Aws-Tenant-Id", is: { absentOrEmpty: true } },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-RT-011",
    level: "should",
    sentence: "Who asks again before it has answered gets the same event, a refusal or nothing, and can answer",
    why: "A runtime that lost its connection while it read the event asks again, and its caller waits all the while",
    source: "RIE core/states.go",
    dependsOn: ["SRV-RT-005"],
    moves: [
      ...delivered("caller", '"once"'),
      { type: "begin", as: "again", over: "second", ...next },
      { type: "wait", ms: 200 },
      respond("response", '"ok"', { type: "begin" }),
      ...done("caller"),
    ],
    expect: [
      { type: "body", of: "caller", equals: '"ok"' },
      {
        type: "either",
        expectations: [
          { type: "unanswered", of: "again" },
          { type: "body", of: "again", equals: '"once"' },
          { type: "status", of: "again", oneOf: [403] },
        ],
      },
      { type: "observe", of: "again", what: "status" },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-RT-012",
    level: "must",
    sentence: "Of two requests for an invocation that wait at the same time one gets the event",
    why: "An event that is worked on twice is paid for twice, and its second response is refused",
    source: "RIE core/states.go",
    dependsOn: ["SRV-RT-005", "SRV-EXT-011"],
    moves: [
      ...servedWhileExtensionIsBusy,
      { type: "begin", as: "one next", over: "one", ...next },
      { type: "begin", as: "other next", over: "other", ...next },
      { type: "wait", ms: 200 },
      extensionNext("second event"),
      { type: "await-caller", of: "first caller" },
      { type: "invoke", as: "second caller", event: '"second"' },
      { type: "await-any", of: ["one next", "other next"] },
      { type: "wait", ms: 100 },
      // The other one waits, so the runtime may be frozen before it can tell of its answer.
      extensionNext("third event"),
      respond("response", '"done"', { type: "begin" }),
      ...done("second caller"),
    ],
    expect: [
      { type: "one-event", of: ["one next", "other next"] },
      { type: "body", of: "second caller", equals: '"done"' },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-RT-013",
    level: "must",
    sentence: "An event is not lost when the connection that waited for it is gone: who asks next gets it",
    why: "A lost event shows as a time-out of a function that never ran",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html",
    dependsOn: ["SRV-RT-005", "SRV-EXT-011"],
    timeoutSeconds: 10,
    moves: [
      ...servedWhileExtensionIsBusy,
      { type: "begin", as: "lost next", over: "lost", ...next },
      { type: "wait", ms: 200 },
      { type: "disconnect", over: "lost" },
      { type: "wait", ms: 200 },
      extensionNext("second event"),
      { type: "await-caller", of: "first caller" },
      { type: "invoke", as: "second caller", event: '"kept"' },
      { type: "await-answer", of: "second event" },
      { type: "wait", ms: 200 },
      { type: "begin", as: "kept next", over: "kept", ...next },
      { type: "await-answer", of: "kept next" },
      extensionNext("third event"),
      respond("response", '"done"'),
      ...done("second caller"),
    ],
    expect: [
      { type: "body", of: "kept next", equals: '"kept"' },
      { type: "body", of: "second caller", equals: '"done"' },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-RT-014",
    level: "should",
    sentence: "When a connection breaks while an event is read, the event comes again or its invocation fails",
    why: "Anything else leaves a caller waiting for a function that nobody runs",
    source: "RIE core/states.go",
    dependsOn: ["SRV-RT-005"],
    timeoutSeconds: 5,
    moves: [
      { type: "invoke", as: "caller", event: { jsonStringBytes: 4_000_000 } },
      { type: "await-start" },
      {
        type: "together",
        moves: [
          { type: "begin", as: "broken next", over: "broken", ...next },
          { type: "disconnect", over: "broken", when: "heard" },
        ],
      },
      { type: "await-answer", of: "broken next" },
      { type: "begin", as: "second next", over: "second", ...next },
      { type: "await-any", of: ["second next", "caller"] },
      respond("response", '"done"', { over: "third", unless: "caller" }),
      ...done("caller"),
    ],
    expect: [
      {
        type: "either",
        expectations: [
          { type: "body", of: "caller", equals: '"done"' },
          { type: "failure", of: "caller", errorType: "." },
          { type: "body-matches", of: "caller", pattern: "Task timed out" },
        ],
      },
      { type: "observe", of: "second next", what: "status" },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-RT-039",
    level: "should",
    sentence: "An event carries an invocation id; who echoes it or nothing is accepted, who echoes another one is not",
    why: "The echo keeps a late response to one attempt from being taken for the response to another",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html",
    dependsOn: ["SRV-RT-005"],
    moves: [
      ...delivered("first caller"),
      respond("right echo", '"one"', {
        headers: { "Lambda-Runtime-Invocation-Id": "{next of first caller.Lambda-Runtime-Invocation-Id}" },
      }),
      { type: "begin", as: "second next", ...next },
      { type: "await-caller", of: "first caller" },
      { type: "invoke", as: "second caller", event: "{}" },
      { type: "await-answer", of: "second next" },
      respond("wrong echo", '"wrong"', { headers: { "Lambda-Runtime-Invocation-Id": "of-another-attempt" } }),
      respond("no echo", '"two"'),
      ...done("second caller"),
    ],
    expect: [
      { type: "header", of: nextOf("first caller"), name: "Lambda-Runtime-Invocation-Id", is: { matches: "^\\S+$" } },
      { type: "accepted", of: "right echo" },
      { type: "status", of: "wrong echo", oneOf: [400, 410] },
      { type: "observe", of: "wrong echo", what: "status" },
      { type: "accepted", of: "no echo" },
      { type: "body", of: "second caller", equals: '"two"' },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-RT-043",
    level: "should",
    sentence: "A client that does not say who it is is served like any other",
    why: "The header is recorded and never required; small clients do not send one",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html",
    dependsOn: ["SRV-RT-005"],
    moves: [
      { type: "invoke", as: "caller", event: '"hello"' },
      { type: "await-start" },
      { type: "call", as: "next", ...next, headers: { "User-Agent": null } },
      { type: "call", as: "response", ...responseTo("{id}"), headers: { "User-Agent": null }, body: '"ok"' },
      ...done("caller"),
    ],
    expect: [
      { type: "body", of: "next", equals: '"hello"' },
      { type: "accepted", of: "response" },
      { type: "body", of: "caller", equals: '"ok"' },
    ],
  },
];
