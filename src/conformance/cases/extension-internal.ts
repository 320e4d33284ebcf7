import type { ExtensionCase } from "../extension-case.ts";
import { eventNext, register } from "./extension-requests.ts";
import { next as runtimeNext } from "./requests.ts";

/** EXT-INT: extensions inside a runtime. */
export const extensionInternalCases: readonly ExtensionCase[] = [
  {
    subject: "extension",
    id: "EXT-REG-012",
    level: "must",
    sentence: "An extension inside the runtime does not ask for SHUTDOWN",
    why: "Lambda refuses it: only processes of their own get it",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html",
    declares: "internal",
    moves: [{ type: "start" }],
    expect: [{ type: "request-json", request: register, is: { listOf: { name: "events", values: ["INVOKE"] } } }],
  },
  {
    subject: "extension",
    id: "EXT-INT-001",
    level: "may",
    sentence:
      "An extension inside the runtime has registered, and waits for events, before the runtime waits for its first invocation",
    why: "Registration is closed from then on, and Init waits for everybody who has registered",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html",
    dependsOn: ["EXT-REG-012"],
    declares: "internal",
    moves: [{ type: "init" }, { type: "watch", ms: 300 }],
    expect: [
      { type: "order", requests: [register, runtimeNext] },
      { type: "request-count", request: eventNext, exactly: 1 },
      { type: "identified" },
    ],
  },
  {
    subject: "extension",
    id: "EXT-INT-002",
    level: "must",
    sentence: "A runtime whose internal extension is refused waits for invocations all the same",
    why: "The function works without the extension",
    source: "RIE rapi/handler/agentregister.go",
    dependsOn: ["EXT-INT-001"],
    declares: "internal",
    moves: [{ type: "init" }],
    answers: [
      {
        to: register,
        status: 403,
        body: { errorMessage: "Extension registration closed already", errorType: "Extension.RegistrationClosed" },
      },
    ],
    expect: [
      { type: "order", requests: [register, runtimeNext] },
      { type: "request-count-max", request: register, max: 3 },
      { type: "same-process" },
    ],
  },
];
