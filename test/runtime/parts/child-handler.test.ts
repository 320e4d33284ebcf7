import * as assert from "uvu/assert";
import { childHandler } from "../../../src/runtime/parts/child-handler.ts";
import type { Invocation, InvocationHandler } from "../../../src/runtime/runtime-api.ts";
import { rejects, suite } from "../../helpers/suite.ts";

const test = suite("a child of another language");

/** A child in a few lines: `act` is JavaScript that sees `fields`, `body` and `say(fields, body)`. */
function child(act: string, before = "") {
  const script = `
    const fs = require("node:fs");
    const say = (fields, body = "") => {
      let bytes = Buffer.concat([Buffer.from(JSON.stringify({ ...fields, bytes: Buffer.byteLength(body) }) + "\\n"), Buffer.from(body)]);
      while (bytes.length > 0) bytes = bytes.subarray(fs.writeSync(4, bytes));
    };
    const take = (count) => {
      const bytes = Buffer.alloc(count);
      for (let at = 0; at < count; ) {
        const read = fs.readSync(3, bytes, at, count - at, null);
        if (read === 0) process.exit(0);
        at += read;
      }
      return bytes;
    };
    const line = () => { let text = ""; for (;;) { const c = take(1).toString("latin1"); if (c === "\\n") return text; text += c; } };
    ${before}
    say({ type: "ready" });
    for (;;) {
      const fields = JSON.parse(line());
      const body = take(fields.bytes ?? 0);
      ${act}
    }`;
  return { command: process.execPath, args: ["-e", script] };
}

function invocation(event: string, more: Partial<Invocation> = {}): Invocation {
  return { requestId: "id-1", invokedFunctionArn: "arn", event: Buffer.from(event), ...more };
}

async function textOf(answer: ReturnType<InvocationHandler>): Promise<string> {
  const given = await answer;
  if (typeof given === "string" || given instanceof Uint8Array) return Buffer.from(given).toString();
  const parts: Uint8Array[] = [];
  for await (const part of given.body) parts.push(part);
  return `${given.contentType}: ${Buffer.concat(parts)}`;
}

async function failure(answer: Promise<unknown>): Promise<string> {
  const error = await rejects(answer, /.*/);
  return `${error.name}: ${error.message}`;
}

test("gets events and headers, and answers byte for byte", async () => {
  using handler = await childHandler(
    child(`say({ type: "response" }, Buffer.concat([Buffer.from(fields.requestId + fields.tenantId), body]))`),
  );
  assert.is(await textOf(handler(invocation("\u0000\n☃", { tenantId: "t" }))), "id-1t\u0000\n☃");
  const large = "a".repeat(6_000_000);
  assert.is((await textOf(handler(invocation(large)))).length, large.length + "id-1undefined".length);
});

test("reports errors of its own", async () => {
  using handler = await childHandler(
    child(`say({ type: "error", errorType: "KeyError", errorMessage: "no x", stackTrace: ["a.py 1", "a.py 2"] })`),
  );
  const error = await rejects(handler(invocation("{}")), /no x/);
  assert.equal([error.name, error.stack], ["KeyError", "a.py 1\na.py 2"]);
});

test("that crashes fails the invocation in hand, and the next one gets a new child", async () => {
  using handler = await childHandler(
    child(
      `if (String(body) === "die") process.exit(7); if (String(body) === "kill") process.kill(process.pid, "SIGKILL"); say({ type: "response" }, String(process.pid))`,
    ),
  );
  const first = await textOf(handler(invocation("")));
  assert.is(await textOf(handler(invocation(""))), first);
  assert.is(
    await failure(handler(invocation("die"))),
    "Runtime.ExitError: The function's process exited with status 7",
  );
  const second = await textOf(handler(invocation("")));
  assert.is.not(second, first);
  assert.is(
    await failure(handler(invocation("kill"))),
    "Runtime.ExitError: The function's process was ended by SIGKILL",
  );
  assert.is.not(await textOf(handler(invocation(""))), second);
});

test("that dies inside a frame is one that crashed", async () => {
  using handler = await childHandler(child(`fs.writeSync(4, '{"type":"response","bytes":9}\\nabc'); process.exit(3)`));
  assert.is(await failure(handler(invocation(""))), "Runtime.ExitError: The function's process exited with status 3");
});

test("that breaks the protocol fails the invocation in hand and is replaced", async () => {
  using handler = await childHandler(
    child(`if (body.length === 0) say({ type: "response" }, "fine"); else fs.writeSync(4, body)`),
  );
  assert.match(
    await failure(handler(invocation("nonsense\n"))),
    /Runtime.ProtocolError: .*broke the protocol: .*"nonsense"/,
  );
  assert.match(
    await failure(handler(invocation('{"type":"ready"}\n'))),
    /said "ready" where response, stream or error was due/,
  );
  assert.is(await textOf(handler(invocation(""))), "fine");
});

test("streams, and an error in mid-stream is one", async () => {
  using handler = await childHandler(
    child(`say({ type: "stream", contentType: "text/plain" });
      for (const part of ["a", "b"]) say({ type: "chunk" }, part);
      say(body.length > 0 ? { type: "error", errorType: "Late", errorMessage: "too bad" } : { type: "end" })`),
  );
  assert.is(await textOf(handler(invocation(""))), "text/plain: ab");
  assert.is(await failure(textOf(handler(invocation("x")))), "Late: too bad");
  assert.is(await textOf(handler(invocation(""))), "text/plain: ab");
});

test("whose stream is given up is replaced, for it would go on with the old one", async () => {
  using handler = await childHandler(
    child(
      `if (body.length === 0) say({ type: "response" }, "new"); else { say({ type: "stream" }); for (;;) say({ type: "chunk" }, "x".repeat(9999)) }`,
    ),
  );
  const answer = await handler(invocation("endless"));
  if (typeof answer === "string" || answer instanceof Uint8Array) throw new Error("It did not stream");
  for await (const _part of answer.body) break;
  assert.is(await textOf(handler(invocation(""))), "new");
});

test("is killed before the deadline where it was asked for", async () => {
  using handler = await childHandler({
    ...child(`if (body.length === 0) say({ type: "response" }, "in time"); else for (;;) {}`),
    killBeforeDeadlineMs: 10,
  });
  const late = handler(invocation("loop", { deadlineEpochMs: Date.now() + 200 }));
  assert.match(await failure(late), /^Runtime.DeadlineExceeded: /);
  assert.is(await textOf(handler(invocation("", { deadlineEpochMs: Date.now() + 60_000 }))), "in time");
});

for (const [what, options, expected] of [
  [
    "an error of its Init",
    child("", `say({ type: "error", errorType: "ImportError", errorMessage: "no mod" }); process.exit(1)`),
    "ImportError: no mod",
  ],
  ["its end", child("", "process.exit(4)"), "Runtime.ExitError: The function's process exited with status 4"],
  [
    "nothing to start",
    { command: "/no/such/program" },
    "Runtime.ExitError: The function's process cannot be started: spawn /no/such/program ENOENT",
  ],
] as const) {
  test(`does not come up: ${what}`, async () => assert.is(await failure(childHandler(options)), expected));
}

test.run();
