import type { RuntimeCase } from "../runtime-case.ts";

/** RT-CTX: what the headers of an event become. */
export const runtimeContextCases: readonly RuntimeCase[] = [
  {
    subject: "runtime",
    id: "RT-CTX-005",
    level: "must",
    sentence: "While the handler runs, _X_AMZN_TRACE_ID is the event's trace header, character for character",
    why: "X-Ray and OpenTelemetry read it; a shortened one breaks the trace at this function",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html",
    dependsOn: ["RT-INV-001"],
    needs: { operations: ["ctx"] },
    moves: [
      { type: "init" },
      {
        type: "invoke",
        requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c005",
        event: '{"op":"ctx"}',
        traceId: "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1;Lineage=1:ab12cd34:0",
      },
    ],
    expect: [
      {
        type: "request-json",
        request: {
          method: "POST",
          path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c005/response",
        },
        is: {
          fields: {
            traceId: "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1;Lineage=1:ab12cd34:0",
          },
        },
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-CTX-014",
    level: "must",
    sentence: "The Lambda-Runtime-Invocation-Id of an event is sent back with its response",
    why: "It lets Lambda refuse an answer that belongs to an earlier attempt with the same request id",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html",
    dependsOn: ["RT-INV-001"],
    needs: { operations: ["echo"] },
    moves: [
      { type: "init" },
      {
        type: "invoke",
        requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c014",
        invocationId: "attempt-n1",
        event: '{"op":"echo"}',
      },
    ],
    expect: [
      {
        type: "request-header",
        request: {
          method: "POST",
          path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c014/response",
        },
        name: "Lambda-Runtime-Invocation-Id",
        is: { equals: "attempt-n1" },
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-CTX-016",
    level: "must",
    sentence: "An event without Lambda-Runtime-Invocation-Id is answered without one",
    why: "An old or invented value is refused, and the caller waits until the function's time-out",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html",
    dependsOn: ["RT-INV-003"],
    needs: { operations: ["echo"] },
    moves: [
      { type: "init" },
      {
        type: "invoke",
        requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c016",
        invocationId: "attempt-n1",
        event: '{"op":"echo"}',
      },
      {
        type: "invoke",
        requestId: "c0a3b2d4-7a51-4d0a-8c3e-0a6f5f1a5c16",
        invocationId: "attempt-n2",
        event: '{"op":"echo"}',
      },
    ],
    faults: [{ type: "remove-header", answer: { event: 2 }, name: "Lambda-Runtime-Invocation-Id" }],
    expect: [
      {
        type: "request-header",
        request: {
          method: "POST",
          path: "/2018-06-01/runtime/invocation/c0a3b2d4-7a51-4d0a-8c3e-0a6f5f1a5c16/response",
        },
        name: "Lambda-Runtime-Invocation-Id",
        is: { absent: true },
      },
    ],
  },
];
