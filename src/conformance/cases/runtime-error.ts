import type { RuntimeCase } from "../runtime-case.ts";

/** RT-ERR and RT-INI: functions that fail, in an invocation or before the first one. */
export const runtimeErrorCases: readonly RuntimeCase[] = [
  {
    subject: "runtime",
    id: "RT-ERR-001",
    level: "must",
    sentence: "An exception of the handler is reported to the error path as JSON, and the loop goes on",
    why: "Reported as a response, the caller and every retry would take the failure for a success",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html",
    dependsOn: ["RT-INV-001"],
    needs: { operations: ["throw"] },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4e001", event: '{"op":"throw"}' },
      { type: "watch", ms: 50 },
    ],
    expect: [
      {
        type: "request-count",
        request: {
          method: "POST",
          path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4e001/response",
        },
        exactly: 0,
      },
      {
        type: "request-json",
        request: { method: "POST", path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4e001/error" },
        is: { strings: ["errorMessage", "errorType"] },
      },
      {
        type: "order",
        requests: [
          { method: "POST", path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4e001/error" },
          { method: "GET", path: "/2018-06-01/runtime/invocation/next", nth: 2 },
        ],
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-ERR-003",
    level: "should",
    sentence: "An error of the function's own class is reported under that class's name, with its message",
    why: "Alarms and Step Functions select errors by this name",
    source: "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
    dependsOn: ["RT-ERR-001"],
    needs: { operations: ["throw-custom"] },
    moves: [
      { type: "init" },
      {
        type: "invoke",
        requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4e003",
        event: '{"op":"throw-custom","name":"OrderRejected","message":"no stock left"}',
      },
    ],
    expect: [
      {
        type: "request-json",
        request: { method: "POST", path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4e003/error" },
        is: { fields: { errorType: "OrderRejected", errorMessage: "no stock left" } },
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-ERR-008",
    level: "must",
    sentence: "An error message with line ends, quotes and emoji stays one JSON string and adds no header",
    why: "Messages repeat what strangers sent: unescaped, they forge headers or break the report",
    source: "https://cwe.mitre.org/data/definitions/93.html",
    dependsOn: ["RT-ERR-001"],
    needs: { operations: ["throw-custom"] },
    moves: [
      { type: "init" },
      {
        type: "invoke",
        requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4e008",
        event:
          '{"op":"throw-custom","name":"OddError","message":"a \\"quoted\\" \\\\ text\\r\\nX-Injected: yes\\r\\n\\r\\n\u007f 🚀"}',
      },
    ],
    expect: [
      {
        type: "request-json",
        request: { method: "POST", path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4e008/error" },
        is: { strings: ["errorMessage", "errorType"] },
      },
      {
        type: "request-header",
        request: { method: "POST", path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4e008/error" },
        name: "X-Injected",
        is: { absent: true },
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-INI-001",
    level: "should",
    sentence: "A handler whose file is missing is reported to init/error, and the process ends with a failure",
    why: "Otherwise the caller learns only that the runtime exited, and not which file was not found",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html",
    dependsOn: ["RT-BOOT-001"],
    needs: { init: "missing-module" },
    moves: [{ type: "init" }],
    expect: [
      {
        type: "request-json",
        request: { method: "POST", path: "/2018-06-01/runtime/init/error" },
        is: { any: true },
      },
      {
        type: "request-count",
        request: { method: "GET", path: "/2018-06-01/runtime/invocation/next" },
        exactly: 0,
      },
      {
        type: "exit",
        after: { method: "POST", path: "/2018-06-01/runtime/init/error" },
        withinMs: 5_000,
        status: "failing",
      },
    ],
  },
];
