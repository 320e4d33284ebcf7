import type { EmulatorCase } from "../emulator-case.ts";
import type { EmulatorMove, PuppetRequest } from "../emulator-move.ts";
import { done, identified, respond } from "./emulator-steps.ts";
import { eventNext, next, register } from "./requests.ts";

const uuid = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";

/** The runtime's process registers an internal extension. */
function registers(as: string, name: string | null, body: string, more: Partial<PuppetRequest> = {}): PuppetRequest {
  const headers = { ...(name === null ? {} : { "Lambda-Extension-Name": name }), ...more.headers };
  return { type: "call", as, over: "extension", ...register, body, ...more, headers };
}

const start: readonly EmulatorMove[] = [{ type: "invoke", as: "caller", event: "{}" }, { type: "await-start" }];

/** SRV-EXT: registration and events, as an extension inside the runtime's process finds them. */
export const emulatorExtensionCases: readonly EmulatorCase[] = [
  {
    subject: "emulator",
    id: "SRV-EXT-001",
    level: "must",
    sentence: "An extension that registers gets an identifier, and is told the function's name, version and handler",
    why: "Every later call of an extension needs the identifier, and its report names the function",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html",
    moves: [...start, registers("registration", "inner", '{"events":["INVOKE"]}')],
    expect: [
      { type: "status", of: "registration", oneOf: [200] },
      { type: "header", of: "registration", name: "Lambda-Extension-Identifier", is: { matches: uuid } },
    ],
    also: [
      { type: "header", of: "registration", name: "Content-Type", is: { matches: "^application/json" } },
      { type: "body-matches", of: "registration", pattern: '"functionName"\\s*:\\s*"[^"]+"' },
      { type: "body-matches", of: "registration", pattern: '"functionVersion"\\s*:\\s*"[^"]+"' },
      { type: "body-matches", of: "registration", pattern: '"handler"\\s*:\\s*"' },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-002",
    level: "must",
    sentence: "An extension is told the account's id when it asks for that, and only then",
    why: "Extensions read it without a further call where they asked; nobody else is to find out",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html",
    dependsOn: ["SRV-EXT-001"],
    moves: [
      ...start,
      registers("without", "one", '{"events":[]}'),
      registers("with", "other", '{"events":[]}', { headers: { "Lambda-Extension-Accept-Feature": "accountId" } }),
    ],
    expect: [
      { type: "json", of: "without", fields: { accountId: null } },
      { type: "body-matches", of: "with", pattern: '"accountId"\\s*:\\s*"\\d{12}"' },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-003",
    level: "must",
    sentence: "A registration without a name is refused with 403 Extension.InvalidExtensionName",
    why: "Without its name an extension cannot be told from the others",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html",
    dependsOn: ["SRV-EXT-001"],
    moves: [...start, registers("nameless", null, '{"events":[]}')],
    expect: [
      { type: "refusal", of: "nameless", oneOf: [{ status: 403, errorType: "Extension.InvalidExtensionName" }] },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-004",
    level: "must",
    sentence: "A registration that is no JSON is refused with 403 InvalidRequestFormat",
    why: "An extension that registers by accident for nothing waits for events that never come",
    source: "RIE rapi/handler/agentregister.go",
    dependsOn: ["SRV-EXT-001"],
    moves: [...start, registers("broken", "inner", '{"events":[')],
    expect: [{ type: "refusal", of: "broken", oneOf: [{ status: 403, errorType: "InvalidRequestFormat" }] }],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-005",
    level: "must",
    sentence: "An event that does not exist, or SHUTDOWN for an internal extension, is refused",
    why: "Internal extensions end with the runtime; one that waits for SHUTDOWN waits for ever",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html",
    dependsOn: ["SRV-EXT-001"],
    moves: [
      ...start,
      registers("unknown event", "one", '{"events":["BOGUS"]}'),
      registers("shutdown", "other", '{"events":["SHUTDOWN"]}'),
    ],
    expect: [
      { type: "refusal", of: "unknown event", oneOf: [{ status: 403, errorType: "Extension.InvalidEventType" }] },
      { type: "refusal", of: "shutdown", oneOf: [{ status: 403, errorType: "Extension.InvalidEventType" }] },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-006",
    level: "must",
    sentence: "The eleventh extension is refused with 403 Extension.TooManyExtensions",
    why: "A function with too many extensions fails when it is deployed, and should fail before",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-extensions.html",
    dependsOn: ["SRV-EXT-001"],
    moves: [
      ...start,
      ...Array.from({ length: 11 }, (_, index) =>
        registers(`registration ${index + 1}`, `inner-${index + 1}`, '{"events":[]}'),
      ),
    ],
    expect: [
      { type: "status", of: "registration 10", oneOf: [200] },
      {
        type: "refusal",
        of: "registration 11",
        oneOf: [{ status: 403, errorType: "Extension.TooManyExtensions" }],
      },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-007",
    level: "must",
    sentence: "An internal extension is refused with 403 Extension.RegistrationClosed when Init is over",
    why: "An extension that starts late sees part of the events in production: none of them",
    source: "RIE rapi/handler/agentregister.go",
    dependsOn: ["SRV-EXT-001", "SRV-RT-005"],
    moves: [
      ...start,
      { type: "call", as: "next", ...next },
      registers("late", "inner", '{"events":["INVOKE"]}'),
      respond("response"),
      ...done("caller"),
    ],
    expect: [
      { type: "refusal", of: "late", oneOf: [{ status: 403, errorType: "Extension.RegistrationClosed" }] },
      { type: "body", of: "caller", equals: '"ok"' },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-008",
    level: "must",
    sentence:
      "A call without an identifier, with one that is none, or with a stranger's is refused, each in its own words",
    why: "The three are three different mistakes of an extension, and the error type is all its author sees",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html",
    dependsOn: ["SRV-EXT-001"],
    moves: [
      ...start,
      { type: "call", as: "none", over: "extension", ...eventNext },
      {
        type: "call",
        as: "malformed",
        over: "extension",
        ...eventNext,
        headers: { "Lambda-Extension-Identifier": "me" },
      },
      {
        type: "call",
        as: "unknown",
        over: "extension",
        ...eventNext,
        headers: { "Lambda-Extension-Identifier": "00000000-0000-4000-8000-000000000008" },
      },
    ],
    expect: [
      { type: "refusal", of: "none", oneOf: [{ status: 403, errorType: "Extension.MissingExtensionIdentifier" }] },
      {
        type: "refusal",
        of: "malformed",
        oneOf: [{ status: 403, errorType: "Extension.InvalidExtensionIdentifier" }],
      },
      { type: "refusal", of: "unknown", oneOf: [{ status: 403, errorType: "Extension.UnknownExtensionIdentifier" }] },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-010",
    level: "must",
    sentence: "Nobody gets the first event before every extension has asked for its own",
    why: "Extensions prepare what the function then uses; asked too early, it finds nothing there",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    dependsOn: ["SRV-EXT-001", "SRV-RT-001"],
    moves: [
      ...start,
      registers("registration", "inner", '{"events":[]}'),
      { type: "begin", as: "next", ...next },
      { type: "wait", ms: 300 },
      {
        type: "begin",
        as: "event next",
        over: "extension",
        ...eventNext,
        headers: identified("registration"),
      },
      { type: "await-answer", of: "next" },
      respond("response"),
      ...done("caller"),
    ],
    expect: [{ type: "held-until", of: "next", sent: "event next" }],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-011",
    level: "must",
    sentence:
      "An extension that subscribed to INVOKE is told of the invocation as the runtime is: same id, same deadline",
    why: "Extensions join what they collect with what the function logged by this id",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html",
    dependsOn: ["SRV-EXT-010", "SRV-RT-002"],
    moves: [
      ...start,
      registers("registration", "inner", '{"events":["INVOKE"]}'),
      {
        type: "begin",
        as: "event next",
        over: "extension",
        ...eventNext,
        headers: identified("registration"),
      },
      { type: "call", as: "next", ...next },
      { type: "await-answer", of: "event next" },
      {
        type: "begin",
        as: "second event next",
        over: "extension",
        ...eventNext,
        headers: identified("registration"),
      },
      respond("response"),
      ...done("caller"),
    ],
    expect: [
      {
        type: "json",
        of: "event next",
        fields: {
          eventType: "INVOKE",
          requestId: "{next.Lambda-Runtime-Aws-Request-Id}",
          deadlineMs: "{next.Lambda-Runtime-Deadline-Ms}",
          invokedFunctionArn: "{next.Lambda-Runtime-Invoked-Function-Arn}",
        },
      },
      { type: "header", of: "event next", name: "Lambda-Extension-Event-Identifier", is: { matches: uuid } },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-012",
    level: "must",
    sentence: "An extension that did not subscribe to INVOKE is told nothing, and nobody waits for it",
    why: "It never asks again, so an emulator that waits for it stands still after the first invocation",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    dependsOn: ["SRV-EXT-010", "SRV-RT-005"],
    moves: [
      ...start,
      registers("registration", "inner", '{"events":[]}'),
      {
        type: "begin",
        as: "event next",
        over: "extension",
        ...eventNext,
        headers: identified("registration"),
      },
      { type: "call", as: "next", ...next },
      respond("response"),
      { type: "begin", as: "second next", ...next },
      { type: "await-caller", of: "caller" },
      { type: "invoke", as: "second caller", event: '"second"' },
      { type: "await-answer", of: "second next" },
      respond("second response"),
      ...done("second caller"),
    ],
    expect: [
      { type: "unanswered", of: "event next" },
      { type: "body", of: "second next", equals: '"second"' },
      { type: "body", of: "second caller", equals: '"ok"' },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-013",
    level: "must",
    sentence: "A slow extension keeps the next invocation waiting, and not the caller of this one",
    why: "What extensions add to the latency, and when, is why people measure them before they deploy",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    dependsOn: ["SRV-EXT-011", "SRV-RT-005"],
    moves: [
      ...start,
      registers("registration", "inner", '{"events":["INVOKE"]}'),
      {
        type: "begin",
        as: "event next",
        over: "extension",
        ...eventNext,
        headers: identified("registration"),
      },
      { type: "call", as: "next", ...next },
      { type: "await-answer", of: "event next" },
      respond("response"),
      { type: "begin", as: "second next", ...next },
      { type: "await-caller", of: "caller" },
      { type: "invoke", as: "second caller", event: '"second"' },
      { type: "wait", ms: 300 },
      {
        type: "begin",
        as: "second event next",
        over: "extension",
        ...eventNext,
        headers: identified("registration"),
      },
      { type: "await-answer", of: "second next" },
      respond("second response"),
      ...done("second caller"),
    ],
    expect: [
      { type: "body", of: "caller", equals: '"ok"' },
      { type: "held-until", of: "second next", sent: "second event next" },
      { type: "body", of: "second next", equals: '"second"' },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-014",
    level: "must",
    sentence:
      "An extension that asks for an event while it waits for one is refused with Extension.InvalidExtensionState",
    why: "Two loops in one extension would share the events between them, each seeing half",
    source: "RIE core/states.go",
    dependsOn: ["SRV-EXT-001"],
    moves: [
      ...start,
      registers("registration", "inner", '{"events":["INVOKE"]}'),
      {
        type: "begin",
        as: "event next",
        over: "extension",
        ...eventNext,
        headers: identified("registration"),
      },
      { type: "wait", ms: 100 },
      { type: "call", as: "again", over: "second", ...eventNext, headers: identified("registration") },
    ],
    expect: [
      { type: "unanswered", of: "event next" },
      { type: "refusal", of: "again", oneOf: [{ status: 403, errorType: "Extension.InvalidExtensionState" }] },
    ],
  },
];
