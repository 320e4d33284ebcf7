import type { RuntimeCase } from "../runtime-case.ts";
import { next, responseTo } from "./requests.ts";

/** RT-CTX, second part: what a handler learns of its invocation, and headers that are odd, old or missing. */
export const runtimeEventHeaderCases: readonly RuntimeCase[] = [
  {
    subject: "runtime",
    id: "RT-CTX-001",
    level: "must",
    sentence: "The handler learns the request id and the ARN that its caller used",
    why: "They tell log lines apart, and one alias from another",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html",
    dependsOn: ["RT-INV-001"],
    needs: { operations: ["ctx"] },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c001", event: '{"op":"ctx"}' },
    ],
    expect: [
      {
        type: "request-json",
        request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c001"),
        is: {
          fields: {
            requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c001",
            functionArn: "arn:aws:lambda:us-east-1:123456789012:function:conformance",
          },
        },
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-CTX-002",
    level: "must",
    sentence: "The time that the handler has left is the time until the deadline of its event",
    why: "Functions stop in time by it; a wrong one cuts them off, or lets work undone",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html",
    dependsOn: ["RT-INV-001"],
    needs: { operations: ["ctx"] },
    timeoutMs: 9_000,
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c002", event: '{"op":"ctx"}' },
    ],
    expect: [{ type: "remaining-time", event: next, answer: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c002") }],
  },
  {
    subject: "runtime",
    id: "RT-CTX-003",
    level: "should",
    sentence: "Where the deadline is over already, no time is left, and the handler runs all the same",
    why: "Events wait on their way; a process that dies of a late one costs the next caller a cold start",
    source: "aws-lambda-python-runtime-interface-client, which says 0; others a negative figure",
    dependsOn: ["RT-CTX-002"],
    needs: { operations: ["ctx"] },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c003", event: '{"op":"ctx"}' },
    ],
    faults: [{ type: "set-header", answer: { event: 1 }, name: "Lambda-Runtime-Deadline-Ms", value: "1000000000000" }],
    expect: [
      {
        type: "request-json",
        request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c003"),
        is: { fieldMax: { name: "remainingMs", max: 0 } },
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-CTX-004",
    level: "should",
    sentence:
      "An event whose deadline is missing or no number is answered in one way or the other, and the loop goes on",
    why: "A process that dies of it takes the next caller's environment with it",
    source: "aws-lambda-go lambda/runtime_api_client.go, which reports an error",
    dependsOn: ["RT-INV-003"],
    needs: {},
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c041", event: "{}" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c042", event: "{}" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c043", event: "{}" },
    ],
    faults: [
      { type: "remove-header", answer: { event: 1 }, name: "Lambda-Runtime-Deadline-Ms" },
      { type: "set-header", answer: { event: 2 }, name: "Lambda-Runtime-Deadline-Ms", value: "abc" },
    ],
    expect: [
      { type: "answered", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c041", by: ["response", "error"] },
      { type: "answered", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c042", by: ["response", "error"] },
      { type: "answered", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c043", by: ["response"] },
      { type: "same-process" },
      { type: "observe", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c041" },
    ],
  },
  {
    subject: "runtime",
    id: "RT-CTX-006",
    level: "should",
    sentence: "After an event with a trace header, one without it leaves _X_AMZN_TRACE_ID unset or empty",
    why: "An old value puts this invocation into the trace of another caller",
    source: "aws-lambda-nodejs-runtime-interface-client, which deletes the variable",
    dependsOn: ["RT-CTX-005", "RT-INV-003"],
    needs: { operations: ["ctx"] },
    moves: [
      { type: "init" },
      {
        type: "invoke",
        requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c061",
        event: '{"op":"ctx"}',
        traceId: "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
      },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c062", event: '{"op":"ctx"}' },
    ],
    faults: [{ type: "remove-header", answer: { event: 2 }, name: "Lambda-Runtime-Trace-Id" }],
    expect: [
      {
        type: "request-json",
        request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c062"),
        is: { oneOf: { traceId: [null, ""] } },
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-CTX-007",
    level: "should",
    sentence: "The client context that a caller sent reaches the handler as an object",
    why: "Mobile SDKs and other callers pass what the event has no place for",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html",
    dependsOn: ["RT-INV-001"],
    needs: { operations: ["ctx"] },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c007", event: '{"op":"ctx"}' },
    ],
    faults: [
      {
        type: "set-header",
        answer: { event: 1 },
        name: "Lambda-Runtime-Client-Context",
        value:
          '{"client":{"installation_id":"i","app_title":"t","app_version_name":"v","app_version_code":"c","app_package_name":"p"},"custom":{"colour":"blue"},"env":{"locale":"en"}}',
      },
    ],
    expect: [
      {
        type: "request-json",
        request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c007"),
        is: { fields: { clientCustom: { colour: "blue" }, clientEnv: { locale: "en" } } },
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-CTX-008",
    level: "should",
    sentence: "A client context that is no JSON object is reported or left out, and the loop goes on",
    why: "Callers choose it: whoever sends a broken one must not end the process",
    source: "RIE-LMI, which passes it on as base64",
    dependsOn: ["RT-INV-003"],
    needs: {},
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c081", event: "{}" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c082", event: "{}" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c083", event: "{}" },
    ],
    faults: [
      { type: "set-header", answer: { event: 1 }, name: "Lambda-Runtime-Client-Context", value: "{bad" },
      {
        type: "set-header",
        answer: { event: 2 },
        name: "Lambda-Runtime-Client-Context",
        value: "eyJjdXN0b20iOnt9fQ==",
      },
    ],
    expect: [
      { type: "answered", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c081", by: ["response", "error"] },
      { type: "answered", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c082", by: ["response", "error"] },
      { type: "answered", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c083", by: ["response"] },
      { type: "same-process" },
      { type: "observe", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c081" },
    ],
  },
  {
    subject: "runtime",
    id: "RT-CTX-009",
    level: "should",
    sentence: "The Cognito identity of the caller reaches the handler",
    why: "Functions decide by it who may do what",
    source: "RIE rapi/rendering/rendering.go",
    dependsOn: ["RT-INV-001"],
    needs: { operations: ["ctx"] },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c009", event: '{"op":"ctx"}' },
    ],
    faults: [
      {
        type: "set-header",
        answer: { event: 1 },
        name: "Lambda-Runtime-Cognito-Identity",
        value: '{"cognitoIdentityId":"us-east-1:an-identity","cognitoIdentityPoolId":"us-east-1:a-pool"}',
      },
    ],
    expect: [
      {
        type: "request-json",
        request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c009"),
        is: { fields: { identityId: "us-east-1:an-identity", identityPoolId: "us-east-1:a-pool" } },
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-CTX-010",
    level: "should",
    sentence: "The tenant of an event reaches the handler, and is gone with the next event that has none",
    why: "A tenant that stays behind gives one customer the data of another",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html",
    dependsOn: ["RT-INV-003"],
    needs: { operations: ["ctx"] },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c101", event: '{"op":"ctx"}' },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c102", event: '{"op":"ctx"}' },
    ],
    faults: [{ type: "set-header", answer: { event: 1 }, name: "Lambda-Runtime-Aws-Tenant-Id", value: "blue" }],
    expect: [
      {
        type: "request-json",
        request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c101"),
        is: { fields: { tenantId: "blue" } },
      },
      {
        type: "request-json",
        request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c102"),
        is: { oneOf: { tenantId: [null, ""] } },
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-CTX-011",
    level: "must",
    sentence: "Optional headers that are there but empty count as absent",
    why: "Lambda's newer core sends all of them, empty where there is nothing to say",
    source: "RIE-LMI invoke/runtime_response_sender.go",
    dependsOn: ["RT-INV-001"],
    needs: { operations: ["ctx"] },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c011", event: '{"op":"ctx"}' },
    ],
    faults: [
      { type: "set-header", answer: { event: 1 }, name: "Lambda-Runtime-Client-Context", value: "" },
      { type: "set-header", answer: { event: 1 }, name: "Lambda-Runtime-Cognito-Identity", value: "" },
      { type: "set-header", answer: { event: 1 }, name: "Lambda-Runtime-Trace-Id", value: "" },
      { type: "set-header", answer: { event: 1 }, name: "Lambda-Runtime-Aws-Tenant-Id", value: "" },
    ],
    expect: [
      {
        type: "request-json",
        request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c011"),
        is: {
          oneOf: {
            clientCustom: [null, {}],
            clientEnv: [null, {}],
            identityId: [null, ""],
            traceId: [null, ""],
            tenantId: [null, ""],
          },
        },
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-CTX-012",
    level: "must",
    sentence: "The handler learns the name, version and memory of its function, and where its log goes",
    why: "They come in variables that Lambda sets; code reads them from the context",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html",
    dependsOn: ["RT-INV-001"],
    needs: { operations: ["ctx"] },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c012", event: '{"op":"ctx"}' },
    ],
    expect: [
      {
        type: "request-json",
        request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c012"),
        is: {
          fields: {
            functionName: "conformance",
            functionVersion: "$LATEST",
            memoryMb: "512",
            logGroupName: "/aws/lambda/conformance",
            logStreamName: "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef",
          },
        },
      },
    ],
  },
];
