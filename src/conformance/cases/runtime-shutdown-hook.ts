import type { RuntimeCase } from "../runtime-case.ts";
import { eventNext, next, register } from "./requests.ts";

const guide = "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html";

/** RT-EXT and RT-SIG: a function that wants to hear of its end. */
export const runtimeShutdownHookCases: readonly RuntimeCase[] = [
  {
    subject: "runtime",
    id: "RT-EXT-001",
    level: "may",
    sentence:
      "For a function with a shutdown hook the runtime registers an extension without events, and waits for its event once",
    why: "Without an extension Lambda kills the process at its end, and no hook runs",
    source: guide,
    dependsOn: ["RT-BOOT-001", "RT-EXT-002"],
    declares: "shutdown-hook",
    needs: { init: "shutdown-hook" },
    moves: [{ type: "init" }, { type: "watch", ms: 100 }],
    expect: [
      { type: "request-count", request: register, exactly: 1 },
      { type: "request-json", request: register, is: { listOf: { name: "events", values: [] } } },
      { type: "request-count", request: eventNext, exactly: 1 },
      { type: "order", requests: [register, next] },
    ],
  },
  {
    subject: "runtime",
    id: "RT-SIG-003",
    level: "may",
    sentence: "At SIGTERM the function's shutdown hook runs, and the process ends within 300 milliseconds",
    why: "It is the last chance to write out what is still in memory",
    source: guide,
    dependsOn: ["RT-SIG-001", "RT-EXT-001"],
    declares: "shutdown-hook",
    needs: { init: "shutdown-hook" },
    moves: [{ type: "init" }, { type: "signal", signal: "SIGTERM" }, { type: "await-exit", ms: 3_000 }],
    expect: [
      { type: "exit", after: "signal", withinMs: 300, status: "own" },
      { type: "printed", pattern: "conformance hook at the end" },
    ],
  },
];
