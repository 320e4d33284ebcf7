/** `emulate()`, as a test of somebody's function uses it. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import * as assert from "uvu/assert";
import { emulate } from "../../src/emulator/emulate.ts";
import { replay } from "../../src/emulator/journal.ts";
import { rejects, suite } from "../helpers/suite.ts";
import { inProcess } from "./in-process-runtime.ts";
import { realFunction } from "./real-function.ts";
import { streamingSupervisor } from "./streaming-runtime.ts";

const test = suite("emulate()");

const task = mkdtempSync(join(tmpdir(), "emulate-"));
test.after(() => rmSync(task, { recursive: true, force: true }));

test("passes on what a caller says besides the event", async () => {
  const supervise = inProcess(({ headers }) => JSON.stringify(headers));
  await using lambda = await emulate({ task, supervise, tenantIsolationMode: "PER_TENANT" });
  const asked = { clientContext: { custom: { colour: "grün" } }, tenantId: "blue", traceId: "Root=1-2-3" };
  const headers = Object((await lambda.invoke({}, asked)).json());
  assert.is(headers["lambda-runtime-client-context"], '{"custom":{"colour":"gr\\u00fcn"}}');
  assert.is(headers["lambda-runtime-aws-tenant-id"], "blue");
  assert.is(headers["lambda-runtime-trace-id"], "Root=1-2-3");
});

test("hands out a stream from its first byte on, and how it ended", async () => {
  await using lambda = await emulate({ task, supervise: streamingSupervisor });
  const streamed = await lambda.stream({ chunks: ["one ", "two"], type: "text/css" });
  assert.is(streamed.contentType, "text/css");
  assert.is(await text(streamed.body), "one two");
  assert.is((await streamed.ended).functionError, undefined);
  const failed = await lambda.stream({ chunks: ["one"], fail: "Boom" });
  assert.is(await text(failed.body), "one");
  assert.is((await failed.ended).functionError, "Unhandled");
});

test("hands a response that is not streamed out as a stream of one piece", async () => {
  await using lambda = await emulate({ task, supervise: inProcess(({ event }) => event) });
  const streamed = await lambda.stream({ a: 1 });
  assert.is(streamed.contentType, "application/json");
  assert.is(await text(streamed.body), '{"a":1}');
});

test("rejects a stream that never begins", async () => {
  await using lambda = await emulate({ task, supervise: inProcess(() => ""), environmentsMax: 0 });
  await rejects(lambda.stream({}), /Rate Exceeded/);
});

test("has a journal for each environment, which leads to its state", async () => {
  await using lambda = await emulate({ task, supervise: inProcess(({ event }) => event) });
  await (await lambda.invoke(1)).logTail;
  const [environment] = await lambda.environments();
  const [journal] = await lambda.journals();
  assert.ok(journal && environment);
  assert.equal(
    replay(journal, () => {}),
    environment.state,
  );
});

test("lets a frozen function go on, and stops it again, when a test says so", async () => {
  const { promise: ticked, resolve } = Promise.withResolvers<void>();
  let thawed = false;
  const log = ({ text }: { readonly text: string }) => void (thawed && text === "tick" && resolve());
  await using real = await realFunction("ticks-after-response", { observer: () => ({ log }) });
  await (await real.emulated.invoke({})).logTail;
  thawed = true;
  await real.emulated.thaw();
  await ticked;
});

test("freezes and thaws every environment", async () => {
  const heard: string[] = [];
  await using lambda = await emulate({
    task,
    supervise: (events) => {
      const supervisor = inProcess(({ event }) => event)(events);
      supervisor.freeze = () => heard.push("freeze");
      supervisor.thaw = () => heard.push("thaw");
      return supervisor;
    },
  });
  await (await lambda.invoke({})).logTail;
  heard.length = 0;
  await lambda.thaw();
  await lambda.freeze();
  assert.equal(heard, ["thaw", "freeze"]);
});

test("takes a program to be the runtime, and leaves nothing of it behind", async () => {
  const program = join(task, "my-runtime");
  writeFileSync(program, "#!/bin/sh\nexit 7\n");
  chmodSync(program, 0o755);
  // A folder of its own, in which nobody else leaves anything.
  process.env.TMPDIR = task;
  const before = leftovers();
  const lambda = await emulate({ task, bootstrap: program });
  assert.match(JSON.stringify((await lambda.invoke({})).json()), /exit status 7/);
  await lambda.close();
  assert.equal(leftovers(), before);
  await rejects(emulate({ task, bootstrap: join(task, "none") }), /The bootstrap ".*none" is no file/);
  writeFileSync(join(task, "bootstrap"), "");
  await rejects(emulate({ task, bootstrap: program }), /has a bootstrap already/);
  assert.equal(leftovers(), before);
});

function leftovers(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("bootlace-bootstrap-"));
}

test.run();
