import type { RuntimeCase } from "../runtime-case.ts";
import { next, responseTo } from "./requests.ts";

/** RT-INV: a service that does not read a response as a client would like it to. */
export const runtimeUploadCases: readonly RuntimeCase[] = [
  {
    subject: "runtime",
    id: "RT-INV-014",
    level: "should",
    sentence:
      "When a large response is refused before it was read, and the connection closed, the runtime goes on or ends with a failure",
    why: "Whoever only looks at what he writes never sees the refusal, and waits until the function times out",
    source: "RFC 9112, section 9.6",
    dependsOn: ["RT-INV-012", "RT-INV-003"],
    needs: { operations: ["big"] },
    timeoutMs: 8_000,
    goesOnRefused: true,
    faults: [
      { type: "refuse-early", answer: { call: "response", nth: 1 }, status: 413, errorType: "RequestEntityTooLarge" },
    ],
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a140", event: '{"op":"big","bytes":5242880}' },
    ],
    expect: [{ type: "goes-on-or-exits", request: { ...next, nth: 2 } }],
  },
  {
    subject: "runtime",
    id: "RT-INV-024",
    level: "should",
    sentence:
      "A large response is sent though nobody says 100 Continue, and the runtime waits a second for that at most",
    why: "Lambda's API never says it: each such response would cost its caller the client's whole patience",
    source: "C++ runtime, which sends an empty Expect header for that",
    dependsOn: ["RT-INV-012"],
    needs: { operations: ["big"] },
    faults: [{ type: "no-continue", answer: "each" }],
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a240", event: '{"op":"big","bytes":5242880}' },
    ],
    expect: [
      { type: "answered", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a240", by: ["response"] },
      // A second, and what the client's own timer is late.
      { type: "body-within", request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a4a240"), ms: 1_500 },
    ],
  },
];
