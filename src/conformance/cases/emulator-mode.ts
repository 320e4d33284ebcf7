import type { EmulatorCase } from "../emulator-case.ts";
import type { EmulatorMove } from "../emulator-move.ts";
import { done, respond } from "./emulator-steps.ts";
import { next, responseTo, restoreNext } from "./requests.ts";

const eight = [1, 2, 3, 4, 5, 6, 7, 8];

/** A runtime that takes several at once, and so many workers of it that wait. */
function workers(numbers: readonly number[]): readonly EmulatorMove[] {
  return [
    { type: "invoke", as: "caller 1", event: "1" },
    { type: "await-start" },
    ...numbers.map((n): EmulatorMove => ({ type: "begin", as: `next ${n}`, over: `worker ${n}`, ...next })),
    { type: "wait", ms: 300 },
    ...numbers.slice(1).map((n): EmulatorMove => ({ type: "invoke", as: `caller ${n}`, event: String(n) })),
    ...numbers.map((n): EmulatorMove => ({ type: "await-answer", of: `next ${n}` })),
  ];
}

function answers(n: number, as = `response ${n}`): EmulatorMove {
  const path = responseTo(`{next ${n}.Lambda-Runtime-Aws-Request-Id}`);
  return { type: "call", as, over: `worker ${n}`, ...path, body: '"done"' };
}

/** SRV-RT: SnapStart and Managed Instances. */
export const emulatorModeCases: readonly EmulatorCase[] = [
  {
    subject: "emulator",
    id: "SRV-RT-040",
    level: "may",
    sentence: "With SnapStart a runtime that waits for its restore gets 200 and nothing else, and then its events",
    why: "Connections and secrets are renewed after a restore; code for it is never run where there is none",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks.html",
    dependsOn: ["SRV-RT-005"],
    needs: { mode: "snap-start" },
    moves: [
      { type: "invoke", as: "caller", event: '"restored"' },
      { type: "await-start" },
      { type: "begin", as: "restore", over: "restore", ...restoreNext },
      { type: "await-answer", of: "restore" },
      { type: "call", as: "next", ...next },
      respond("response"),
      ...done("caller"),
    ],
    expect: [
      { type: "status", of: "restore", oneOf: [200] },
      { type: "body", of: "restore", equals: "" },
      { type: "body", of: "next", equals: '"restored"' },
      { type: "body", of: "caller", equals: '"ok"' },
    ],
  },
  {
    subject: "emulator",
    id: "SRV-RT-041",
    level: "may",
    sentence: "On Managed Instances eight requests that wait at once get an event each",
    why: "A runtime whose workers mix their events up does so under load only, which is here or in production",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-runtimes.html",
    dependsOn: ["SRV-RT-005"],
    needs: { mode: "managed-instances" },
    moves: [
      ...workers(eight),
      ...eight.map((n) => answers(n)),
      ...eight.map((n): EmulatorMove => ({ type: "await-caller", of: `caller ${n}` })),
    ],
    expect: [
      { type: "distinct", of: eight.map((n) => `next ${n}`), name: "Lambda-Runtime-Aws-Request-Id" },
      ...eight.map((n) => ({ type: "accepted", of: `response ${n}` }) as const),
      ...eight.map((n) => ({ type: "body", of: `caller ${n}`, equals: '"done"' }) as const),
    ],
  },
  {
    subject: "emulator",
    id: "SRV-RT-042",
    level: "may",
    sentence: "On Managed Instances a time-out ends one invocation and nothing else; a late response gets 410 once",
    why: "A handler that is cut off elsewhere goes on here, and its response must not reach anybody",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html",
    dependsOn: ["SRV-RT-041", "SRV-RT-007"],
    needs: { mode: "managed-instances" },
    timeoutSeconds: 2,
    moves: [
      ...workers([1, 2]),
      answers(2),
      { type: "await-any", of: ["caller 1", "caller 2"] },
      { type: "wait", ms: 2_500 },
      answers(1, "late"),
      answers(1, "later"),
      { type: "await-caller", of: "caller 1" },
      { type: "await-caller", of: "caller 2" },
    ],
    expect: [
      {
        type: "either",
        expectations: [
          { type: "body-matches", of: "caller 1", pattern: "Task timed out" },
          { type: "body-matches", of: "caller 2", pattern: "Task timed out" },
        ],
      },
      {
        type: "either",
        expectations: [
          { type: "body", of: "caller 1", equals: '"done"' },
          { type: "body", of: "caller 2", equals: '"done"' },
        ],
      },
      { type: "accepted", of: "response 2" },
      { type: "status", of: "late", oneOf: [410] },
      { type: "status", of: "later", oneOf: [400] },
      { type: "processes", atMost: 1 },
    ],
  },
];
