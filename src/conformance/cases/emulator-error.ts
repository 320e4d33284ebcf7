import type { EmulatorCase } from "../emulator-case.ts";
import type { PuppetRequest } from "../emulator-move.ts";
import { delivered, deliveredNext, done, nextOf, served } from "./emulator-steps.ts";
import { errorOf, initError } from "./requests.ts";

const broken = '{"errorMessage":"no stock","errorType":"OrderRejected"}';

function nameless(as: string, errorType: string): PuppetRequest {
  const headers = { "Lambda-Runtime-Function-Error-Type": errorType };
  return { type: "call", as, ...errorOf("{id}"), headers, body: "" };
}

/** SRV-RT: errors that a runtime reports. */
export const emulatorErrorCases: readonly EmulatorCase[] = [
  {
    subject: "emulator",
    id: "SRV-RT-021",
    level: "should",
    sentence: "An error that is reported without a body reaches the caller as an unknown application error",
    why: "A caller who gets nothing cannot tell a failure from an empty result",
    source: "RIE interop/sandbox_model.go",
    dependsOn: ["SRV-RT-005"],
    moves: [...delivered("caller"), nameless("error", "Runtime.Broken"), ...done("caller")],
    expect: [
      { type: "status", of: "error", oneOf: [202] },
      {
        type: "json",
        of: "caller",
        fields: { errorMessage: "Unknown application error occurred", errorType: "Runtime.Broken" },
      },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-RT-022",
    level: "should",
    sentence: "A reported error type counts when it is Runtime.Something or Function.Something, else it is Unknown",
    why: "Alarms and dashboards count by this type, and another one here is not the one that they will count",
    source: "RIE fatalerror/fatalerror.go",
    dependsOn: ["SRV-RT-021"],
    moves: [
      ...delivered("first caller"),
      nameless("first error", "Foo"),
      ...done("first caller"),
      ...deliveredNext("first caller", "second caller"),
      nameless("second error", "Function.Bar"),
      ...done("second caller"),
      ...deliveredNext("second caller", "third caller"),
      nameless("third error", "Function.1"),
      ...done("third caller"),
    ],
    // Only where the platform makes the payload does the type show in it.
    expect: [
      { type: "json", of: "first caller", fields: { errorType: "Runtime.Unknown" } },
      { type: "json", of: "second caller", fields: { errorType: "Function.Bar" } },
      { type: "json", of: "third caller", fields: { errorType: "Function.Unknown" } },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-RT-023",
    level: "should",
    sentence: "A cause for X-Ray that is large, or no JSON, does not keep an error from being accepted",
    why: "The cause is an extra; an error report that is refused over it is lost",
    source: "RIE rapi/model/error_cause.go",
    dependsOn: ["SRV-RT-005"],
    moves: [
      ...delivered("first caller"),
      {
        type: "call",
        as: "large cause",
        ...errorOf("{id}"),
        headers: {
          "Lambda-Runtime-Function-XRay-Error-Cause": `{"working_directory":"${"a".repeat(100_000)}","paths":[],"exceptions":[]}`,
        },
        body: broken,
      },
      ...done("first caller"),
      ...deliveredNext("first caller", "second caller"),
      {
        type: "call",
        as: "no JSON",
        ...errorOf("{id}"),
        headers: { "Lambda-Runtime-Function-XRay-Error-Cause": "{what" },
        body: broken,
      },
      ...done("second caller"),
    ],
    expect: [
      { type: "accepted", of: "large cause" },
      { type: "body", of: "first caller", equals: broken },
      { type: "accepted", of: "no JSON" },
      { type: "body", of: "second caller", equals: broken },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-RT-029",
    level: "must",
    sentence: "An init error is accepted and becomes the caller's payload, and the next invocation gets a new process",
    why: "Whoever deploys a function that cannot start reads the reason in the answer to the first invocation",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html",
    dependsOn: ["SRV-RT-005"],
    moves: [
      { type: "invoke", as: "first caller", event: "{}" },
      {
        type: "repeat-until-answered",
        of: "first caller",
        moves: [
          {
            type: "call",
            as: "init error",
            ...initError,
            headers: { "Lambda-Runtime-Function-Error-Type": "Runtime.NoTable" },
            body: '{"errorMessage":"no table","errorType":"Runtime.NoTable","extra":1}',
          },
          { type: "exit", code: 1 },
        ],
      },
      ...served("second caller", '"again"'),
    ],
    expect: [
      { type: "status", of: "init error", oneOf: [202] },
      {
        type: "body",
        of: "first caller",
        equals: '{"errorMessage":"no table","errorType":"Runtime.NoTable","extra":1}',
      },
      { type: "processes", atLeast: 2 },
      { type: "body", of: nextOf("second caller"), equals: '"again"' },
      { type: "body", of: "second caller", equals: '"ok"' },
    ],
  },
];
