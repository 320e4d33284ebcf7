import type { RuntimeCase } from "../runtime-case.ts";
import { next, responseTo } from "./requests.ts";

/** Variables, connections and helpers that a runtime did not ask for. */
export const runtimeSurroundingsCases: readonly RuntimeCase[] = [
  {
    subject: "runtime",
    id: "RT-BOOT-007",
    level: "may",
    sentence: "A runtime comes up where AWS_LAMBDA_EXEC_WRAPPER names a wrapper, whether or not it runs it",
    why: "Managed runtimes run it, and functions that move from one keep the variable",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html",
    dependsOn: ["RT-BOOT-001"],
    needs: {},
    start: { variables: { AWS_LAMBDA_EXEC_WRAPPER: "/usr/bin/env" } },
    moves: [{ type: "init" }, { type: "watch", ms: 150 }],
    expect: [{ type: "request-count", request: next, exactly: 1 }],
  },
  {
    subject: "runtime",
    id: "RT-INV-022",
    level: "should",
    sentence: "A runtime whose connection ends inside an event asks again, or ends with a failure",
    why: "The event is delivered again, or the environment starts anew; one that hangs is billed to its time-out",
    source: "RIE core/states.go delivers it again",
    dependsOn: ["RT-INV-001"],
    needs: {},
    timeoutMs: 5_000,
    faults: [{ answer: { event: 1 }, type: "cut-after-head" }],
    moves: [
      { type: "init" },
      {
        type: "invoke",
        requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a001",
        event: '{"words": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}',
      },
    ],
    expect: [
      { type: "goes-on-or-exits", request: { ...next, nth: 2 } },
      { type: "request-count-max", request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a001"), max: 1 },
    ],
  },
  {
    subject: "runtime",
    id: "RT-INV-026",
    level: "should",
    sentence: "A handler that leaves a child process behind is answered for at once, and the loop goes on",
    why: "Functions start helpers that outlive an invocation; waiting for them is a time-out",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    dependsOn: ["RT-INV-003"],
    needs: { operations: ["child"] },
    timeoutMs: 4_000,
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a003", event: '{"op":"child"}' },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a004", event: "{}" },
    ],
    expect: [
      { type: "answered", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a003", by: ["response"] },
      { type: "order", requests: [responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a003"), { ...next, nth: 3 }] },
    ],
  },
  {
    subject: "runtime",
    id: "RT-INV-027",
    level: "may",
    sentence: "The envelope of a durable execution reaches the handler as it is",
    why: "The SDK inside the handler reads it; a runtime knows nothing of it",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html",
    dependsOn: ["RT-INV-002"],
    needs: { operations: ["echo"] },
    moves: [
      { type: "init" },
      {
        type: "invoke",
        requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a005",
        event:
          '{"DurableExecutionArn":"arn:aws:lambda:us-east-1:123456789012:function:conformance:1/durable-execution/a/b","CheckpointToken":"t-1","InitialExecutionState":{"Operations":[{"Id":"0","Type":"EXECUTION","Status":"STARTED"}],"NextMarker":""}}',
      },
    ],
    expect: [
      {
        type: "request-json",
        request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a005"),
        is: {
          event:
            '{"DurableExecutionArn":"arn:aws:lambda:us-east-1:123456789012:function:conformance:1/durable-execution/a/b","CheckpointToken":"t-1","InitialExecutionState":{"Operations":[{"Id":"0","Type":"EXECUTION","Status":"STARTED"}],"NextMarker":""}}',
        },
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-ERR-017",
    level: "should",
    sentence: "A handler that recurses without end is reported as an error, or ends the process",
    why: "Either tells the caller something at once; half a response or a hang does not",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html",
    dependsOn: ["RT-ERR-001"],
    needs: { operations: ["recurse"] },
    timeoutMs: 6_000,
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a006", event: '{"op":"recurse"}' },
    ],
    expect: [
      { type: "settled", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a006" },
      { type: "request-count", request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a006"), exactly: 0 },
    ],
  },
  {
    subject: "runtime",
    id: "RT-EXT-002",
    level: "must",
    sentence: "A runtime that is refused an extension of its own serves all the same",
    why: "Not every environment has the Extensions API, and functions need none",
    source: "RIE without extensions answers 404",
    dependsOn: ["RT-INV-001"],
    needs: {},
    goesOnRefused: true,
    faults: [
      {
        answer: { method: "POST", path: "/2020-01-01/extension/register", nth: "each" },
        type: "status",
        status: 403,
        errorType: "Extension.RegistrationClosed",
      },
    ],
    moves: [{ type: "init" }, { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a008", event: "{}" }],
    expect: [{ type: "answered", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a008", by: ["response"] }],
  },
  {
    subject: "runtime",
    id: "RT-LOG-007",
    level: "should",
    sentence:
      "Lines are printed, and the event is answered, where _LAMBDA_TELEMETRY_LOG_FD names a descriptor that is closed",
    why: "The variable is inherited by processes that do not inherit the descriptor",
    source: "aws-lambda-ruby-runtime-interface-client rescues EBADF",
    dependsOn: ["RT-LOG-001"],
    needs: { operations: ["log"] },
    start: { variables: { _LAMBDA_TELEMETRY_LOG_FD: "62" } },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a009", event: '{"op":"log","lines":3}' },
      { type: "watch", ms: 100 },
    ],
    expect: [
      { type: "answered", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a009", by: ["response"] },
      { type: "printed-lines", prefix: "conformance line ", count: 3 },
    ],
  },
  {
    subject: "runtime",
    id: "RT-MUL-007",
    level: "must",
    sentence: "A runtime whose AWS_LAMBDA_MAX_CONCURRENCY is no number asks for invocations, or ends with a failure",
    why: "A value that nobody has foreseen must not leave a runtime that never asks for anything",
    source: "aws-lambda-java-libs ends with a NumberFormatException; RIE and aws-lambda-ric go by its presence alone",
    dependsOn: ["RT-BOOT-001"],
    needs: {},
    start: { variables: { AWS_LAMBDA_MAX_CONCURRENCY: "abc" } },
    moves: [{ type: "init" }, { type: "watch", ms: 150 }],
    expect: [{ type: "goes-on-or-exits", request: next }],
  },
];
