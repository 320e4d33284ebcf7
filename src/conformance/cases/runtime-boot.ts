import type { RuntimeCase } from "../runtime-case.ts";
import { next } from "./requests.ts";

/** RT-BOOT: how a runtime comes up. */
export const runtimeBootCases: readonly RuntimeCase[] = [
  {
    subject: "runtime",
    id: "RT-BOOT-002",
    level: "must",
    sentence: "The runtime talks to the address in AWS_LAMBDA_RUNTIME_API, on whatever port",
    why: "Lambda does not promise a port; a runtime with a default of its own never gets an event",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html",
    needs: {},
    moves: [{ type: "init" }],
    expect: [{ type: "contact" }],
  },
  {
    subject: "runtime",
    id: "RT-BOOT-001",
    level: "must",
    sentence: "A started runtime asks for the next invocation, exactly once",
    why: "Init ends with this request; a second one would be handed an event that nobody answers",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html",
    dependsOn: ["RT-BOOT-002"],
    needs: {},
    moves: [{ type: "init" }, { type: "watch", ms: 150 }],
    expect: [
      {
        type: "request-count",
        request: { method: "GET", path: "/2018-06-01/runtime/invocation/next" },
        exactly: 1,
      },
    ],
  },
  {
    subject: "runtime",
    id: "RT-BOOT-003",
    level: "should",
    sentence: "A runtime whose API listens only 300 milliseconds after its start tries again, or ends with a failure",
    why: "A process that waits for nothing holds up its Init for ten seconds, and nobody learns why",
    source: "C++ runtime's connect time-out; the documentation is silent",
    needs: {},
    dependsOn: ["RT-BOOT-001"],
    apiAfterMs: 300,
    moves: [{ type: "init" }],
    expect: [{ type: "goes-on-or-exits", request: next }],
  },
  {
    subject: "runtime",
    id: "RT-BOOT-005",
    level: "should",
    sentence: "The runtime says who it is in User-Agent when it asks for the next invocation",
    why: "Lambda records it as the runtime's release; without it nobody can tell which version is deployed",
    source: "RIE appctx/appctxutil.go",
    dependsOn: ["RT-BOOT-001"],
    needs: {},
    moves: [{ type: "init" }],
    expect: [
      {
        type: "request-header",
        request: { method: "GET", path: "/2018-06-01/runtime/invocation/next" },
        name: "User-Agent",
        is: { matches: "\\S" },
      },
    ],
  },
];
