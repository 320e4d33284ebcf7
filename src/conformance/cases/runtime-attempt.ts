import type { RuntimeCase } from "../runtime-case.ts";
import { errorOf, responseTo } from "./requests.ts";

/** RT-CTX, third part: attempts, and answers that belong to an earlier one. */
export const runtimeAttemptCases: readonly RuntimeCase[] = [
  {
    subject: "runtime",
    id: "RT-CTX-015",
    level: "must",
    sentence: "The Lambda-Runtime-Invocation-Id of an event is sent back with its error as well",
    why: "A late error of an earlier attempt would otherwise end the one that runs now",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html",
    dependsOn: ["RT-CTX-014", "RT-ERR-001"],
    needs: { operations: ["throw"] },
    moves: [
      { type: "init" },
      {
        type: "invoke",
        requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c015",
        invocationId: "attempt-n1",
        event: '{"op":"throw"}',
      },
    ],
    expect: [
      {
        type: "request-header",
        request: errorOf("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c015"),
        name: "Lambda-Runtime-Invocation-Id",
        is: { equals: "attempt-n1" },
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-CTX-017",
    level: "should",
    sentence: "A response that is refused with 410 is not reported as an error, and the loop goes on",
    why: "The attempt is over; whoever ends here takes the next caller's environment along",
    source: "aws-lambda-dotnet pull request 2508",
    dependsOn: ["RT-INV-003"],
    needs: {},
    goesOnRefused: true,
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c171", event: "{}" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c172", event: "{}" },
    ],
    faults: [
      {
        type: "status",
        answer: { ...responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c171"), nth: "each" },
        status: 410,
        errorType: "InvokeTimeout",
      },
    ],
    expect: [
      { type: "request-count", request: errorOf("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c171"), exactly: 0 },
      { type: "answered", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c172", by: ["response"] },
      { type: "same-process" },
    ],
  },
  {
    subject: "runtime",
    id: "RT-CTX-018",
    level: "must",
    sentence: "Two attempts with one request id are each answered with their own invocation id",
    why: "A retry repeats the request id; with the first attempt's value its answer is refused",
    source: "aws/containerized-test-runner-for-aws-lambda",
    dependsOn: ["RT-CTX-014"],
    needs: {},
    moves: [
      { type: "init" },
      {
        type: "invoke",
        requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c018",
        invocationId: "attempt-n1",
        event: "{}",
      },
      {
        type: "invoke",
        requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c018",
        invocationId: "attempt-n2",
        event: "{}",
      },
    ],
    expect: [
      {
        type: "request-header",
        request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c018"),
        name: "Lambda-Runtime-Invocation-Id",
        is: { equals: "attempt-n1" },
      },
      {
        type: "request-header",
        request: { ...responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4c018"), nth: 2 },
        name: "Lambda-Runtime-Invocation-Id",
        is: { equals: "attempt-n2" },
      },
    ],
  },
];
