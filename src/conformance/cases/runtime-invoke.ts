import type { RuntimeCase } from "../runtime-case.ts";

/** RT-INV: events in, responses out. */
export const runtimeInvokeCases: readonly RuntimeCase[] = [
  {
    subject: "runtime",
    id: "RT-INV-001",
    level: "must",
    sentence: "A response goes to the path of its event, as JSON, and then the next event is asked for",
    why: "This is the loop itself: anything else leaves the caller waiting until the function's time-out",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html",
    dependsOn: ["RT-BOOT-001"],
    needs: {},
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a001", event: "{}" },
      { type: "watch", ms: 50 },
    ],
    expect: [
      {
        type: "request-count",
        request: {
          method: "POST",
          path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a001/response",
        },
        exactly: 1,
      },
      {
        type: "request-json",
        request: {
          method: "POST",
          path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a001/response",
        },
        is: { any: true },
      },
      {
        type: "order",
        requests: [
          { method: "GET", path: "/2018-06-01/runtime/invocation/next" },
          { method: "POST", path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a001/response" },
          { method: "GET", path: "/2018-06-01/runtime/invocation/next", nth: 2 },
        ],
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-INV-002",
    level: "must",
    sentence: "Nested objects and arrays reach the handler and the caller as they are",
    why: "Functions would work on an event that nobody sent",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html",
    dependsOn: ["RT-INV-001"],
    needs: { operations: ["echo"] },
    moves: [
      { type: "init" },
      {
        type: "invoke",
        requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a002",
        event: '{"op":"echo","a":{"b":[{"c":{"d":[1,-2.5,"",null,true,[[]],{}]}}]},"e":0}',
      },
    ],
    expect: [
      {
        type: "request-json",
        request: {
          method: "POST",
          path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a002/response",
        },
        is: { equals: { op: "echo", a: { b: [{ c: { d: [1, -2.5, "", null, true, [[]], {}] } }] }, e: 0 } },
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-INV-003",
    level: "must",
    sentence: "Each of two events gets its own response, under its own request id",
    why: "A response under another id is refused, or worse: it reaches another caller",
    source: "RIE core/states.go",
    dependsOn: ["RT-INV-001"],
    needs: { operations: ["echo"] },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a003", event: '{"op":"echo","n":1}' },
      { type: "invoke", requestId: "c0a3b2d4-7a51-4d0a-8c3e-0a6f5f1a5003", event: '{"op":"echo","n":2}' },
    ],
    expect: [
      {
        type: "request-json",
        request: {
          method: "POST",
          path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a003/response",
        },
        is: { equals: { op: "echo", n: 1 } },
      },
      {
        type: "request-json",
        request: {
          method: "POST",
          path: "/2018-06-01/runtime/invocation/c0a3b2d4-7a51-4d0a-8c3e-0a6f5f1a5003/response",
        },
        is: { equals: { op: "echo", n: 2 } },
      },
      {
        type: "order",
        requests: [
          { method: "POST", path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a003/response" },
          { method: "GET", path: "/2018-06-01/runtime/invocation/next", nth: 2 },
          { method: "POST", path: "/2018-06-01/runtime/invocation/c0a3b2d4-7a51-4d0a-8c3e-0a6f5f1a5003/response" },
        ],
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-INV-005",
    level: "must",
    sentence: "Text outside ASCII survives the way in and the way out, as UTF-8",
    why: "Names, emoji and line separators would be damaged without anybody noticing",
    source: "RFC 8259 section 8.1",
    dependsOn: ["RT-INV-001"],
    needs: { operations: ["echo"] },
    moves: [
      { type: "init" },
      {
        type: "invoke",
        requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a005",
        event:
          '{"op":"echo","bmp":"Grüße, 日本","astral":"🚀𝒳","combining":"e\u0301","separator":"a\u2028b","nul":"\\u0000"}',
      },
    ],
    expect: [
      {
        type: "request-json",
        request: {
          method: "POST",
          path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a005/response",
        },
        is: {
          equals: {
            op: "echo",
            bmp: "Grüße, 日本",
            astral: "🚀𝒳",
            combining: "e\u0301",
            separator: "a\u2028b",
            nul: "\u0000",
          },
        },
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-INV-010",
    level: "must",
    sentence: "A handler that returns nothing is answered for with null or an empty body",
    why: "The caller parses the payload: any other text is a broken response that looks like a success",
    source: "aws-lambda-nodejs-runtime-interface-client src/Runtime.js",
    dependsOn: ["RT-INV-003"],
    needs: { operations: ["null", "undefined"] },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a010", event: '{"op":"null"}' },
      { type: "invoke", requestId: "c0a3b2d4-7a51-4d0a-8c3e-0a6f5f1a5010", event: '{"op":"undefined"}' },
    ],
    expect: [
      {
        type: "request-json",
        request: {
          method: "POST",
          path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a010/response",
        },
        is: { equals: null, orEmpty: true },
      },
      {
        type: "request-json",
        request: {
          method: "POST",
          path: "/2018-06-01/runtime/invocation/c0a3b2d4-7a51-4d0a-8c3e-0a6f5f1a5010/response",
        },
        is: { equals: null, orEmpty: true },
      },
      { type: "order", requests: [{ method: "GET", path: "/2018-06-01/runtime/invocation/next", nth: 3 }] },
    ],
  },
  {
    subject: "runtime",
    id: "RT-INV-016",
    level: "must",
    sentence: "What a handler's module keeps in memory is there for the next event",
    why: "Connections and caches that are made once per environment would be made once per event",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    dependsOn: ["RT-INV-003"],
    needs: { operations: ["counter"] },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a161", event: '{"op":"counter"}' },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a162", event: '{"op":"counter"}' },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a163", event: '{"op":"counter"}' },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a164", event: '{"op":"counter"}' },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a165", event: '{"op":"counter"}' },
    ],
    expect: [
      {
        type: "request-json",
        request: {
          method: "POST",
          path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a161/response",
        },
        is: { fields: { count: 1 } },
      },
      {
        type: "request-json",
        request: {
          method: "POST",
          path: "/2018-06-01/runtime/invocation/5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a165/response",
        },
        is: { fields: { count: 5 } },
      },
    ],
  },
];
