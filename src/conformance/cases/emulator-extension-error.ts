import type { EmulatorCase } from "../emulator-case.ts";
import type { EmulatorMove, PuppetRequest } from "../emulator-move.ts";
import { identified, respond } from "./emulator-steps.ts";
import { eventNext, extensionExitError, extensionInitError, next, register } from "./requests.ts";

function inner(as: string, name: string): PuppetRequest {
  const headers = { "Lambda-Extension-Name": name };
  return { type: "call", as, over: "extension", ...register, headers, body: '{"events":[]}' };
}

function reports(as: string, by: string, call: typeof extensionInitError | typeof extensionExitError): PuppetRequest {
  const headers = { ...identified(by), "Lambda-Extension-Function-Error-Type": "Extension.NoConfiguration" };
  const body = '{"errorMessage":"no configuration","errorType":"Extension.NoConfiguration"}';
  return { type: "call", as, over: "extension", ...call, headers, body };
}

/** The external extension and the runtime come up, and the runtime has its event. */
function up(caller: string): readonly EmulatorMove[] {
  const by = "crasher";
  return [
    { type: "invoke", as: caller, event: "{}" },
    { type: "await-start", who: by },
    {
      type: "call",
      as: `registration for ${caller}`,
      by,
      ...register,
      headers: { "Lambda-Extension-Name": by },
      body: '{"events":["INVOKE"]}',
    },
    { type: "begin", as: `event for ${caller}`, by, ...eventNext, headers: identified(`registration for ${caller}`) },
    { type: "await-start" },
    { type: "call", as: `next for ${caller}`, ...next },
    { type: "await-answer", of: `event for ${caller}` },
  ];
}

/** SRV-EXT: extensions that report an error, or end. */
export const emulatorExtensionErrorCases: readonly EmulatorCase[] = [
  {
    subject: "emulator",
    id: "SRV-EXT-015",
    level: "must",
    sentence: "An extension may report an init or exit error, also twice, and gets no event after that",
    why: "An extension that reports and still gets events would be half dead without anybody noticing",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html",
    dependsOn: ["SRV-EXT-001"],
    moves: [
      { type: "invoke", as: "caller", event: "{}" },
      { type: "await-start" },
      inner("one", "one"),
      inner("other", "other"),
      reports("init error", "one", extensionInitError),
      reports("init error again", "one", extensionInitError),
      reports("exit error", "other", extensionExitError),
      reports("exit error again", "other", extensionExitError),
      { type: "call", as: "next of one", over: "extension", ...eventNext, headers: identified("one") },
      { type: "call", as: "next of other", over: "extension", ...eventNext, headers: identified("other") },
    ],
    expect: [
      { type: "status", of: "init error", oneOf: [202] },
      { type: "status", of: "init error again", oneOf: [202] },
      { type: "status", of: "exit error", oneOf: [202] },
      { type: "status", of: "exit error again", oneOf: [202] },
      { type: "refusal", of: "next of one", oneOf: [{ status: 403, errorType: "Extension.InvalidExtensionState" }] },
      { type: "refusal", of: "next of other", oneOf: [{ status: 403, errorType: "Extension.InvalidExtensionState" }] },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-016",
    level: "must",
    sentence: "An error report without its type header is refused with 403 Extension.MissingHeader",
    why: "The type is what the function's owner sees of the error; a report without one says nothing",
    source: "RIE rapi/handler/agentiniterror.go",
    dependsOn: ["SRV-EXT-001"],
    moves: [
      { type: "invoke", as: "caller", event: "{}" },
      { type: "await-start" },
      inner("registration", "inner"),
      {
        type: "call",
        as: "init error",
        over: "extension",
        ...extensionInitError,
        headers: identified("registration"),
        body: "{}",
      },
      {
        type: "call",
        as: "exit error",
        over: "extension",
        ...extensionExitError,
        headers: identified("registration"),
        body: "{}",
      },
    ],
    expect: [
      { type: "refusal", of: "init error", oneOf: [{ status: 403, errorType: "Extension.MissingHeader" }] },
      { type: "refusal", of: "exit error", oneOf: [{ status: 403, errorType: "Extension.MissingHeader" }] },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-EXT-017",
    level: "must",
    sentence:
      "An extension that exits fails Init or the invocation with Extension.Crash, but not one that was answered",
    why: "A crashing extension takes the function down in production, and its name must be on the error",
    source: "RIE interop/model.go, and payloads of real functions",
    dependsOn: ["SRV-EXT-001", "SRV-RT-005"],
    needs: { extensions: ["crasher"] },
    moves: [
      { type: "invoke", as: "caller during Init", event: "{}" },
      {
        type: "repeat-until-answered",
        of: "caller during Init",
        who: "crasher",
        moves: [{ type: "exit", by: "crasher", code: 17 }],
      },
      ...up("caller during Invoke"),
      { type: "exit", by: "crasher", code: 18 },
      { type: "await-caller", of: "caller during Invoke" },
      ...up("caller before"),
      respond("response"),
      { type: "exit", by: "crasher", code: 19 },
      { type: "await-caller", of: "caller before" },
    ],
    expect: [
      { type: "failure", of: "caller during Init", errorType: "^Extension\\.Crash$" },
      { type: "body-matches", of: "caller during Init", pattern: "exit status 17" },
      { type: "failure", of: "caller during Invoke", errorType: "^Extension\\.Crash$" },
      { type: "body-matches", of: "caller during Invoke", pattern: "exit status 18" },
      { type: "body", of: "caller before", equals: '"ok"' },
      { type: "header", of: "caller before", name: "X-Amz-Function-Error", is: { absent: true } },
    ],
  },
];
