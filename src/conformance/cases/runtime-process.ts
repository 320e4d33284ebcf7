import type { RuntimeCase } from "../runtime-case.ts";
import { next, responseTo } from "./requests.ts";

/** RT-SIG and RT-LOG: signals, and what a function prints. */
export const runtimeProcessCases: readonly RuntimeCase[] = [
  {
    subject: "runtime",
    id: "RT-SIG-001",
    level: "should",
    sentence: "SIGTERM while the runtime waits for an event ends it within 300 milliseconds",
    why: "That is its share of the shutdown; after it comes SIGKILL, and nothing is flushed",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html",
    dependsOn: ["RT-INV-001"],
    needs: {},
    moves: [{ type: "init" }, { type: "signal", signal: "SIGTERM" }, { type: "await-exit", ms: 3_000 }],
    expect: [{ type: "exit", after: "signal", withinMs: 300, status: "any" }],
  },
  {
    subject: "runtime",
    id: "RT-SIG-002",
    level: "should",
    sentence: "SIGTERM while a handler runs ends the process within 300 milliseconds, without a response",
    why: "That is its share of the shutdown, and half a result is none",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html",
    dependsOn: ["RT-SIG-001"],
    needs: { operations: ["sleep"] },
    moves: [
      { type: "init" },
      { type: "deliver", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a49002", event: '{"op":"sleep","ms":9000}' },
      { type: "signal", signal: "SIGTERM" },
      { type: "await-exit", ms: 3_000 },
    ],
    expect: [
      { type: "exit", after: "signal", withinMs: 300, status: "any" },
      { type: "request-count", request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a49002"), exactly: 0 },
    ],
  },
  {
    subject: "runtime",
    id: "RT-LOG-001",
    level: "must",
    sentence: "A thousand lines that a handler prints come out whole and in order, and its response as well",
    why: "What is lost in the log cannot be found again",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html",
    dependsOn: ["RT-INV-001"],
    needs: { operations: ["log"] },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a49101", event: '{"op":"log","lines":1000}' },
      { type: "watch", ms: 100 },
    ],
    expect: [
      { type: "answered", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a49101", by: ["response"] },
      { type: "printed-lines", prefix: "conformance line ", count: 1_000 },
    ],
  },
  {
    subject: "runtime",
    id: "RT-LOG-002",
    level: "should",
    sentence: "Text without a line end is written out with its invocation, not with a later one",
    why: "The environment is frozen then, and what waits in a buffer is lost when it ends",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    dependsOn: ["RT-INV-001"],
    needs: { operations: ["stdout-partial"] },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a49102", event: '{"op":"stdout-partial"}' },
      { type: "watch", ms: 300 },
    ],
    expect: [
      { type: "order", requests: [responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a49102"), { ...next, nth: 2 }] },
      { type: "printed", pattern: "conformance fragment" },
    ],
  },
];
