import type { EventFacts, RuntimeCase } from "../runtime-case.ts";
import { next, responseTo } from "./requests.ts";

const guide = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-runtimes.html";

const numbers = [1, 2, 3, 4, 5, 6, 7, 8];

function idOf(group: string, number: number): string {
  return `5f1cd8f2-2e43-4a3f-9a37-5b8ab0a46${group}0${number}`;
}

function traceOf(number: number): string {
  return `Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e70${number};Parent=9a9197af755a640${number};Sampled=1`;
}

function eight(event: (number: number) => object, group: string): readonly EventFacts[] {
  return numbers.map((number) => ({ requestId: idOf(group, number), event: JSON.stringify(event(number)) }));
}

/** RT-MUL: several invocations at once, for runtimes that say that they can. */
export const runtimeManagedCases: readonly RuntimeCase[] = [
  {
    subject: "runtime",
    id: "RT-MUL-001",
    level: "may",
    sentence:
      "A runtime that may have eight invocations at once waits for several events, and never for more than eight",
    why: "Whoever asks for more than it was told is given work for which its function was never configured",
    source: guide,
    dependsOn: ["RT-BOOT-001"],
    declares: "multi",
    needs: {},
    environment: { type: "managed", concurrency: 8 },
    moves: [{ type: "init" }, { type: "await-waiting", count: 9, ms: 2_000 }],
    expect: [{ type: "waiting-together", request: next, min: 2, max: 8 }, { type: "same-process" }],
  },
  {
    subject: "runtime",
    id: "RT-MUL-002",
    level: "may",
    sentence: "Eight events at once are worked on side by side, and each gets the response that is its own",
    why: "Lambda hands them out together: one after another they run into each other's time-outs",
    source: guide,
    dependsOn: ["RT-MUL-001", "RT-INV-003", "RT-CTX-011"],
    declares: "multi",
    needs: { operations: ["sleep"] },
    environment: { type: "managed", concurrency: 8 },
    moves: [
      { type: "init" },
      { type: "invoke-together", events: eight((number) => ({ op: "sleep", ms: 600 + number }), "2") },
    ],
    expect: numbers.flatMap((number) => [
      { type: "answered", requestId: idOf("2", number), by: ["response"] } as const,
      {
        type: "request-json",
        request: responseTo(idOf("2", number)),
        is: { equals: { slept: 600 + number } },
      } as const,
      { type: "answered-within", requestId: idOf("2", number), ms: 2_000 } as const,
    ]),
  },
  {
    subject: "runtime",
    id: "RT-MUL-003",
    level: "may",
    sentence: "One of eight handlers that throws fails its own invocation and none of the others",
    why: "An error of one caller must not become that of seven",
    source: guide,
    dependsOn: ["RT-MUL-002", "RT-ERR-001"],
    declares: "multi",
    needs: { operations: ["sleep", "throw"] },
    environment: { type: "managed", concurrency: 8 },
    moves: [
      { type: "init" },
      {
        type: "invoke-together",
        events: eight((number) => (number === 3 ? { op: "throw" } : { op: "sleep", ms: 300 + number }), "3"),
      },
    ],
    expect: [
      { type: "answered", requestId: idOf("3", 3), by: ["error"] },
      ...numbers
        .filter((number) => number !== 3)
        .map(
          (number) =>
            ({
              type: "request-json",
              request: responseTo(idOf("3", number)),
              is: { equals: { slept: 300 + number } },
            }) as const,
        ),
      { type: "same-process" },
    ],
  },
  {
    subject: "runtime",
    id: "RT-MUL-004",
    level: "may",
    sentence: "Each of several handlers that run at once knows the trace of its own invocation",
    why: "One variable of the process cannot hold several: what is traced would be told of somebody else's request",
    source: guide,
    dependsOn: ["RT-MUL-002", "RT-CTX-005"],
    declares: "multi",
    needs: { operations: ["trace"] },
    environment: { type: "managed", concurrency: 8 },
    moves: [
      { type: "init" },
      {
        type: "invoke-together",
        events: eight(() => ({ op: "trace", ms: 200 }), "4").map((event, index) => ({
          ...event,
          traceId: traceOf(index + 1),
        })),
      },
    ],
    expect: numbers.map((number) => ({
      type: "request-json",
      request: responseTo(idOf("4", number)),
      is: { equals: { traceId: traceOf(number) } },
    })),
  },
  {
    subject: "runtime",
    id: "RT-MUL-005",
    level: "may",
    sentence:
      "When a response is refused with 410 because its invocation has timed out, eight events are served at once again",
    why: "Nothing is killed there: a worker that is lost with each time-out leaves an environment that serves nobody",
    source: "RIE-LMI invoke, captured in the specification's section 1.11",
    dependsOn: ["RT-MUL-002"],
    declares: "multi",
    needs: { operations: ["sleep"] },
    environment: { type: "managed", concurrency: 8 },
    timeoutMs: 1_000,
    goesOnRefused: true,
    moves: [
      { type: "init" },
      { type: "await-waiting", count: 8, ms: 10_000 },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a46500", event: '{"op":"sleep","ms":1800}' },
      { type: "watch", ms: 1_200 },
      { type: "invoke-together", events: eight((number) => ({ number }), "5") },
    ],
    expect: [
      { type: "request-count-max", request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a46500"), max: 1 },
      ...numbers.map(
        (number) =>
          ({ type: "request-json", request: responseTo(idOf("5", number)), is: { equals: { number } } }) as const,
      ),
      { type: "same-process" },
    ],
  },
  {
    subject: "runtime",
    id: "RT-MUL-006",
    level: "may",
    sentence: "What several handlers log at once is told as JSON with the request id of each",
    why: "Their lines are mixed, and without the id nobody can say whose they are",
    source: guide,
    dependsOn: ["RT-MUL-002"],
    declares: "multi",
    needs: { operations: ["say"] },
    environment: { type: "managed", concurrency: 8 },
    moves: [
      { type: "init" },
      { type: "invoke-together", events: eight((number) => ({ op: "say", ms: 200, word: `word ${number}` }), "6") },
      { type: "watch", ms: 100 },
    ],
    expect: numbers.map((number) => ({
      type: "printed-json",
      message: `word ${number}`,
      fields: [{ names: ["requestId", "AWSRequestId"], matches: `^${idOf("6", number)}$` }],
    })),
  },
];
