import type { RuntimeCase } from "../runtime-case.ts";
import { initError, next, responseTo, restoreError, restoreNext } from "./requests.ts";

const guide = "https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks.html";

/** RT-SNP: an environment that is frozen after its Init and restored for an invocation. */
export const runtimeSnapshotCases: readonly RuntimeCase[] = [
  {
    subject: "runtime",
    id: "RT-SNP-001",
    level: "may",
    sentence:
      "Before a snapshot the function's hooks run to their end, then the runtime waits in restore/next, and in no next",
    why: "Whatever the hooks leave undone is in the snapshot, and so in every environment that is made from it",
    source: guide,
    dependsOn: ["RT-BOOT-001", "RT-CTX-013"],
    declares: "snapstart",
    needs: { init: "snapshot-hooks" },
    environment: { type: "snap-start" },
    leavesOpen: "Hooks are registered in each language's own way, so a runtime with another needs a fixture of its own",
    moves: [{ type: "init" }, { type: "watch", ms: 200 }],
    expect: [
      { type: "printed", pattern: "conformance hook before the snapshot" },
      { type: "request-count", request: restoreNext, exactly: 1 },
      { type: "request-count", request: next, exactly: 0 },
    ],
  },
  {
    subject: "runtime",
    id: "RT-SNP-002",
    level: "may",
    sentence: "After a restore the function's hooks run to their end, then the runtime asks for an event",
    why: "They renew what must not be shared between environments, such as connections and random numbers",
    source: guide,
    dependsOn: ["RT-SNP-001", "RT-INV-016"],
    declares: "snapstart",
    needs: { init: "snapshot-hooks" },
    environment: { type: "snap-start" },
    moves: [{ type: "init" }, { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a47002", event: "{}" }],
    expect: [
      { type: "order", requests: [restoreNext, next, responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a47002")] },
      {
        type: "request-json",
        request: responseTo("5f1cd8f2-2e43-4a3f-9a37-5b8ab0a47002"),
        is: { equals: { hooks: ["before", "after"] } },
      },
      { type: "same-process" },
    ],
  },
  {
    subject: "runtime",
    id: "RT-SNP-003",
    level: "may",
    sentence: "A hook that throws before the snapshot is reported to init/error, and ends the process with a failure",
    why: "The version must not be published with a snapshot of a function that is not ready",
    source: guide,
    dependsOn: ["RT-SNP-001", "RT-INI-001"],
    declares: "snapstart",
    needs: { init: "before-snapshot-throws" },
    environment: { type: "snap-start" },
    moves: [{ type: "init" }, { type: "await-exit", ms: 3_000 }],
    expect: [
      { type: "request-count", request: initError, exactly: 1 },
      { type: "request-json", request: initError, is: { strings: ["errorMessage", "errorType"] } },
      { type: "request-count", request: restoreNext, exactly: 0 },
      { type: "exit", after: initError, withinMs: 2_000, status: "failing" },
    ],
  },
  {
    subject: "runtime",
    id: "RT-SNP-004",
    level: "may",
    sentence: "A hook that throws after the restore is reported to restore/error, and ends the process with a failure",
    why: "The caller is told at once what is wrong, in place of a time-out",
    source: guide,
    dependsOn: ["RT-SNP-002"],
    declares: "snapstart",
    needs: { init: "after-restore-throws" },
    environment: { type: "snap-start" },
    moves: [
      { type: "init" },
      { type: "invoke", requestId: "5f1cd8f2-2e43-4a3f-9a37-5b8ab0a47004", event: "{}" },
      { type: "await-exit", ms: 3_000 },
    ],
    expect: [
      { type: "request-count", request: restoreError, exactly: 1 },
      { type: "request-json", request: restoreError, is: { strings: ["errorMessage", "errorType"] } },
      { type: "request-count", request: next, exactly: 0 },
      { type: "exit", after: restoreError, withinMs: 2_000, status: "failing" },
    ],
  },
  {
    subject: "runtime",
    id: "RT-SNP-005",
    level: "may",
    sentence:
      "Where there is no restore/next the runtime serves events all the same or ends with a failure, and asks three times at most",
    why: "A loop around a refusal burns the whole Init and says nothing",
    source: "RIE rapi/router.go, which has the path for snapshots only",
    dependsOn: ["RT-SNP-001"],
    declares: "snapstart",
    needs: {},
    start: { variables: { AWS_LAMBDA_INITIALIZATION_TYPE: "snap-start" } },
    goesOnRefused: true,
    moves: [{ type: "init" }],
    expect: [
      { type: "request-count-max", request: restoreNext, max: 3 },
      { type: "goes-on-or-exits", request: next },
    ],
  },
];
