import type { EmulatorCase } from "../emulator-case.ts";

/** SRV-FE: the Invoke API in front of the environment. */
export const emulatorFrontEndCases: readonly EmulatorCase[] = [
  {
    subject: "emulator",
    id: "SRV-FE-001",
    level: "must",
    sentence:
      "A synchronous invocation is answered with 200, a dry run with 204 and no event, an asynchronous one with 202",
    why: "SDKs take any other status for a failed call",
    source: "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html",
    dependsOn: ["SRV-RT-005"],
    moves: [
      { type: "invoke", as: "dry run", event: '"dry"', headers: { "X-Amz-Invocation-Type": "DryRun" } },
      { type: "await-caller", of: "dry run" },
      { type: "invoke", as: "asynchronous", event: '"async"', headers: { "X-Amz-Invocation-Type": "Event" } },
      { type: "await-caller", of: "asynchronous" },
      { type: "await-runtime" },
      { type: "call", as: "first next", method: "GET", path: "/2018-06-01/runtime/invocation/next" },
      { type: "call", as: "r1", method: "POST", path: "/2018-06-01/runtime/invocation/{id}/response", body: '"a"' },
      { type: "begin", as: "second next", method: "GET", path: "/2018-06-01/runtime/invocation/next" },
      { type: "invoke", as: "synchronous", event: '"sync"', headers: { "X-Amz-Invocation-Type": "RequestResponse" } },
      { type: "await-answer", of: "second next" },
      { type: "call", as: "r2", method: "POST", path: "/2018-06-01/runtime/invocation/{id}/response", body: '"s"' },
      { type: "await-caller", of: "synchronous" },
    ],
    expect: [
      { type: "status", of: "dry run", oneOf: [204] },
      { type: "status", of: "asynchronous", oneOf: [202] },
      { type: "body", of: "asynchronous", equals: "" },
      { type: "body", of: "first next", equals: '"async"' },
      { type: "status", of: "synchronous", oneOf: [200] },
      { type: "body", of: "second next", equals: '"sync"' },
      { type: "body", of: "synchronous", equals: '"s"' },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-FE-002",
    level: "must",
    sentence: "An event that is no JSON is refused with InvalidRequestContentException and never delivered",
    why: "Runtimes parse events; the mistake is the caller's and has to be told to the caller",
    source: "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html",
    dependsOn: ["SRV-RT-005"],
    moves: [
      { type: "invoke", as: "malformed", event: '{"n":' },
      { type: "await-caller", of: "malformed" },
      { type: "invoke", as: "well-formed", event: '"after"' },
      { type: "await-runtime" },
      { type: "call", as: "next", method: "GET", path: "/2018-06-01/runtime/invocation/next" },
      { type: "call", as: "response", method: "POST", path: "/2018-06-01/runtime/invocation/{id}/response", body: "1" },
      { type: "await-caller", of: "well-formed" },
    ],
    expect: [
      { type: "status", of: "malformed", oneOf: [400] },
      {
        type: "header",
        of: "malformed",
        name: "X-Amzn-ErrorType",
        is: { matches: "^InvalidRequestContentException(:|$)" },
      },
      { type: "body", of: "next", equals: '"after"' },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-FE-003",
    level: "must",
    sentence: "An event of 6291457 bytes is refused with 413, and the answer names the limit",
    why: "A payload that is too large must fail on the desk, and not first in production",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
    dependsOn: ["SRV-RT-005"],
    moves: [
      { type: "invoke", as: "too large", event: { jsonStringBytes: 6_291_457 } },
      { type: "await-caller", of: "too large" },
    ],
    expect: [
      { type: "status", of: "too large", oneOf: [413] },
      { type: "body-matches", of: "too large", pattern: "smaller than 6291456 bytes" },
    ],
  },
];
