import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { plain } from "../platform/raw-server.ts";
import { bootstrap } from "../runtime/bootstrap-process.ts";

const test = suite("bootstrap --extension");
const root = join(import.meta.dirname, "../..");
const module = join(root, "test/fixtures/handlers/process/extension.mjs");
const identifier = "LAMBDA-extension-IDENTIFIER: 5f6b-id\r\n";
const about = '{"functionName":"hello","functionVersion":"$LATEST","handler":"index.handler"}\n';

const invoke = { body: event("INVOKE", { requestId: "r-1", deadlineMs: Date.now() + 3_000, news: 1 }) };
const unknown = { body: event("FUTURE", {}) };
const shutdown = shutdownIn(2_000);

test("registers, answers events with next, and exits 0 after SHUTDOWN though a timer is left", async () => {
  await using extension = await started({ events: [invoke, unknown, invoke, shutdown] });
  assert.is(await extension.exit(), 0);
  const { requests } = extension.server;
  assert.equal(
    requests.map(({ line }) => line),
    ["POST /2020-01-01/extension/register HTTP/1.1", ...Array(4).fill("GET /2020-01-01/extension/event/next HTTP/1.1")],
  );
  assert.match(requests[0]?.head ?? "", "Lambda-Extension-Name: my-extension.sh\r\n");
  assert.match(requests[0]?.head ?? "", "Content-Type: application/json");
  assert.equal(JSON.parse(requests[0]?.body.toString() ?? ""), { events: ["INVOKE", "SHUTDOWN"] });
  for (const { head } of requests.slice(1)) assert.match(head, "Lambda-Extension-Identifier: 5f6b-id");
  assert.is(extension.stdout, "[ext] init hello\n[ext] invoke r-1\n[ext] invoke r-1\n[ext] shutdown spindown\n");
  assert.match(extension.stderr, /unknown type: \{"eventType":"FUTURE"/);
});

test("goes on after a hook that throws", async () => {
  await using extension = await started({ misbehaviour: "throws at invoke", events: [invoke, invoke, shutdown] });
  assert.is(await extension.exit(), 0);
  assert.is(extension.stderr.split("onInvoke failed").length, 3);
});

test("exits 0 when the shutdown hook throws", async () => {
  await using extension = await started({ misbehaviour: "throws at shutdown", events: [shutdown] });
  assert.is(await extension.exit(), 0);
});

test("aborts a shutdown hook before the deadline, and exits 0", async () => {
  const deadline = shutdownIn(400);
  await using extension = await started({ misbehaviour: "never shuts down", events: [deadline] });
  assert.is(await extension.exit(), 0);
  assert.match(extension.stdout, "[ext] aborted\n");
});

const initFailures = [
  ["throws at load", /no load/],
  ["throws at init", /no init/],
] as const;

for (const [misbehaviour, message] of initFailures) {
  test(`reports an extension that ${misbehaviour}, and exits 1 without next`, async () => {
    await using extension = await started({ misbehaviour });
    assert.is(await extension.exit(), 1);
    const [register, report, ...more] = extension.server.requests;
    assert.match(register?.line ?? "", "/register");
    assert.match(report?.line ?? "", "/extension/init/error");
    assert.match(report?.head ?? "", "Lambda-Extension-Function-Error-Type: Extension.InitError");
    assert.match(JSON.parse(report?.body.toString() ?? "").errorMessage, message);
    assert.is(more.length, 0);
  });
}

test("reports a crash while it waits for an event, and exits 1", async () => {
  await using extension = await started({ misbehaviour: "breaks later", events: [invoke] });
  assert.is(await extension.exit(), 1);
  const report = extension.server.requests.at(-1);
  assert.match(report?.line ?? "", "/extension/exit/error");
  assert.is(JSON.parse(report?.body.toString() ?? "").errorMessage, "late");
});

for (const status of [403, 404, 500]) {
  test(`exits 1 when registering is answered ${status}, and does not try again`, async () => {
    await using extension = await started({ registerStatus: status });
    assert.is(await extension.exit(), 1);
    assert.is(extension.server.requests.length, 1);
    assert.match(extension.stderr, /Cannot register extension "my-extension.sh": it answered/);
  });
}

test("ends at SIGTERM", async () => {
  await using extension = await started({});
  await extension.until(() => extension.server.requests.length === 2);
  const at = performance.now();
  extension.child.kill("SIGTERM");
  assert.is(await extension.exit(), 0);
  assert.ok(performance.now() - at < 500);
});

test("says what its arguments are", async () => {
  await using extension = await bootstrap({ args: ["--extension", "only-a-name"] });
  assert.is(await extension.exit(), 1);
  assert.is(extension.stderr, "Cannot start: say --extension NAME MODULE\n");
});

test("runs the lifecycle extension", async () => {
  await using extension = await started({
    events: [invoke, shutdown],
    file: join(root, "extensions/lifecycle/index.ts"),
  });
  assert.is(await extension.exit(), 0);
  const [registered, invoked, ended, ...rest] = extension.stdout.split("\n");
  assert.is(registered, "[lifecycle] registered for hello, version $LATEST");
  assert.match(invoked ?? "", /^\[lifecycle\] INVOKE r-1, -?[\d,]+ ms left$/);
  assert.match(ended ?? "", /^\[lifecycle\] SHUTDOWN because of spindown: 1 invocation seen, -?[\d,]+ ms left$/);
  assert.equal(rest, [""]);
});

interface Start {
  readonly events?: readonly { readonly body: string; readonly headers?: string }[];
  readonly misbehaviour?: string;
  readonly registerStatus?: number;
  readonly file?: string;
}

function started({ events = [], misbehaviour = "", registerStatus = 200, file = module }: Start) {
  return bootstrap({
    events,
    args: ["--extension", "my-extension.sh", file],
    env: { MISBEHAVIOUR: misbehaviour },
    answer: ({ line }) => (line.includes("/register") ? plain(registerStatus, about, identifier) : plain(202, "{}")),
  });
}

/** A SHUTDOWN as Lambda sends it: labelled as text. */
function shutdownIn(ms: number) {
  return {
    body: event("SHUTDOWN", { deadlineMs: Date.now() + ms, shutdownReason: "spindown" }),
    headers: "Content-Type: text/plain; charset=utf-8\r\n",
  };
}

function event(eventType: string, rest: object): string {
  return JSON.stringify({ eventType, ...rest });
}

test.run();
