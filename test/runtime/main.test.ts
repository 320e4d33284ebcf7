import { spawnSync } from "node:child_process";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { version } from "../../src/platform/version.ts";
import { suite } from "../helpers/suite.ts";
import { plain } from "../platform/raw-server.ts";
import { bootstrap, headersOf } from "./bootstrap-process.ts";

const test = suite("bootstrap");

test("answers one invocation after another on one connection", async () => {
  const ids = Array.from({ length: 20 }, (_, i) => `Odd_id~${i}`);
  const events = ids.map((id) => ({ body: JSON.stringify({ op: "echo", id }), headers: headersOf(id) }));
  await using runtime = await bootstrap({ events });
  await runtime.post(20);
  await runtime.until(() => runtime.server.requests.length === 41);
  runtime.posts.forEach(({ line, body }, i) => {
    assert.is(line, `POST /2018-06-01/runtime/invocation/Odd_id~${i}/response HTTP/1.1`);
    assert.equal(JSON.parse(body.toString()), { op: "echo", id: `Odd_id~${i}` });
  });
  assert.is(runtime.server.sockets.length, 1);
  assert.match(runtime.server.requests[0]?.head ?? "", `User-Agent: bootlace/${version}`);
});

test("echoes the invocation id on response and error, and never an old or an empty one", async () => {
  await using runtime = await bootstrap({
    events: [
      { body: '{"op":"echo"}', headers: headersOf("same", "LAMBDA-RUNTIME-invocation-id: n1\r\n") },
      { body: '{"op":"throw"}', headers: headersOf("same", "Lambda-Runtime-Invocation-Id: n2\r\n") },
      { body: '{"op":"echo"}', headers: headersOf("same", "Lambda-Runtime-Invocation-Id: \r\n") },
      { body: '{"op":"throw"}', headers: headersOf("same") },
    ],
  });
  await runtime.post(4);
  assert.equal(
    runtime.posts.map(({ head }) => /^lambda-runtime-invocation-id: (.*)$/im.exec(head)?.[1]),
    ["n1", "n2", undefined, undefined],
  );
});

test("a function that follows promises sees none of the runtime's", async () => {
  const events = ["a", "b", "c"].map((id) => ({ body: "{}", headers: headersOf(id) }));
  await using runtime = await bootstrap({ events, env: { _HANDLER: "then.handler" } });
  await runtime.post(3);
  assert.equal(
    runtime.posts.map(({ body }) => body.toString()),
    ["0", "0", "0"],
  );
});

test("posts an error that no message can break, logs it once, and goes on", async () => {
  await using runtime = await bootstrap({
    events: [
      { body: '{"op":"throw"}', headers: headersOf("bad-one") },
      { body: '{"op":"echo"}', headers: headersOf("good-one") },
    ],
  });
  const { line, head, body } = await runtime.post(1);
  assert.match(line, "/bad-one/error ");
  assert.match(head, "Lambda-Runtime-Function-Error-Type: TypeError");
  assert.match(head, "Content-Type: application/vnd.aws.lambda.error+json");
  const error = JSON.parse(body.toString());
  assert.is(error.errorMessage, 'line one\nline two "quoted" \u{1f600} \x7f');
  assert.match(error.stackTrace.join("\n"), /index\.mjs:/);
  assert.match((await runtime.post(2)).line, "/good-one/response ");
  const [logged, ...others] = runtime.stdout.split("\n");
  assert.equal(others, [""]);
  const [, json = ""] = /^\d{4}-.*Z\tbad-one\tERROR\tInvoke Error \t(\{.*\})$/.exec(logged ?? "") ?? [];
  assert.is(JSON.parse(json).errorType, "TypeError");
  assert.is(JSON.parse(json).errorMessage, error.errorMessage);
  assert.equal(JSON.parse(json).stack, error.stackTrace);
});

test("sets the trace variable per invocation and shows headers in the context", async () => {
  const trace = "Root=1-2-3;Parent=4;Sampled=1;Lineage=1:ab:0";
  const optional = `Lambda-Runtime-Trace-Id: ${trace}\r\nLambda-Runtime-Aws-Tenant-Id: t\r\nLambda-Runtime-Client-Context: {"a":"\xc3\xa9"}\r\n`;
  await using runtime = await bootstrap({
    events: [
      { body: '{"op":"context"}', headers: headersOf("a", optional) },
      {
        body: '{"op":"context"}',
        headers: headersOf("b", "Lambda-Runtime-Trace-Id: \r\nLambda-Runtime-Client-Context: {bad\r\n"),
      },
    ],
  });
  const first = JSON.parse((await runtime.post(1)).body.toString());
  assert.equal([first.trace, first.tenantId, first.clientContext.a], [trace, "t", "\xc3\xa9"]);
  const second = JSON.parse((await runtime.post(2)).body.toString());
  assert.equal([second.trace, second.tenantId, second.clientContext], [null, undefined, undefined]);
});

test("writes console lines whole, with time, id and level", async () => {
  await using runtime = await bootstrap({ events: [{ body: '{"op":"log"}', headers: headersOf("id") }] });
  await runtime.until(() => runtime.stdout.endsWith("\n"));
  assert.match(runtime.stdout, /^\d{4}-\d\d-\d\dT[\d:.]+Z\tid\tINFO\tone\rtwo \{ three: 3 \}\n$/);
});

for (const op of ["never", "neverSucceeds"])
  test(`fails an invocation that nothing can settle (${op}), and takes the next`, async () => {
    await using runtime = await bootstrap({
      events: [
        { body: JSON.stringify({ op }), headers: headersOf("stuck") },
        { body: '{"op":"background"}', headers: headersOf("next") },
      ],
    });
    const { line, body } = await runtime.post(1);
    assert.match(line, "/stuck/error");
    assert.is(JSON.parse(body.toString()).errorType, "Runtime.NodeJsExit");
    assert.is((await runtime.post(2)).body.toString(), "null");
  });

test("answers for a function that has taken its own working directory away", async () => {
  await using runtime = await bootstrap({
    events: [
      { body: '{"op":"leaves"}', headers: headersOf("left") },
      { body: '{"op":"count"}', headers: headersOf("next") },
    ],
  });
  const { line, body } = await runtime.post(1);
  assert.match(line, "/left/error");
  assert.is(JSON.parse(body.toString()).errorMessage, "nowhere");
  assert.match((await runtime.post(2)).line, "/next/response");
});

test("needs nothing of the Promise that a function has put in the place of Node's", async () => {
  await using runtime = await bootstrap({
    events: [
      { body: '{"op":"replacePromise"}', headers: headersOf("replaces") },
      { body: '{"op":"count"}', headers: headersOf("next") },
      { body: '{"op":"never"}', headers: headersOf("stuck") },
    ],
  });
  assert.match((await runtime.post(1)).line, "/replaces/response");
  assert.match((await runtime.post(2)).line, "/next/response");
  assert.match((await runtime.post(3)).line, "/stuck/error");
});

test("sees that nothing can settle an invocation, though an earlier one removed everybody who would", async () => {
  await using runtime = await bootstrap({
    events: [
      { body: '{"op":"deafen"}', headers: headersOf("deafens") },
      { body: '{"op":"never"}', headers: headersOf("stuck") },
    ],
  });
  assert.match((await runtime.post(1)).line, "/deafens/response");
  assert.match((await runtime.post(2)).line, "/stuck/error");
});

test("sends text that is more than ASCII as UTF-8", async () => {
  const text = "müde 😀";
  await using runtime = await bootstrap({
    events: [{ body: JSON.stringify({ op: "echo", text }), headers: headersOf("a") }],
  });
  assert.is(JSON.parse((await runtime.post(1)).body.toString()).text, text);
});

test("lets a handler fork a process", async () => {
  await using runtime = await bootstrap({ events: [{ body: '{"op":"fork"}', headers: headersOf("id") }] });
  assert.equal(JSON.parse((await runtime.post(1)).body.toString()), { arguments: ["an argument"], file: "child.cjs" });
});

test("loads the file that a fork names when it is itself the executable", () => {
  const main = join(import.meta.dirname, "../../src/runtime/main.ts");
  const child = join(import.meta.dirname, "../fixtures/handlers/process/prints-arguments.cjs");
  const { stdout } = spawnSync(process.execPath, [main, child, "a", "b"], { encoding: "utf8" });
  assert.is(stdout, `${JSON.stringify([child, "a", "b"])}\n`);
});

const refusals = [
  ["413", "HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n"],
  ["400", plain(400, "{}")],
  ["403", plain(403, "{}")],
  ["410", plain(410, "{}")],
  ["200", plain(200, "")],
  ["202 in chunks", "HTTP/1.1 202 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
  ["nothing but a closed connection", ""],
  ["half an answer", "HTTP/1.1 202 X\r\nContent-Length: 16\r\n\r\n{"],
] as const;

for (const [name, bytes] of refusals) {
  test(`goes on to the next invocation after ${name}`, async () => {
    const answer = ({ socket }: { socket: import("node:net").Socket }) => {
      if (name.includes("closed") || name.includes("half")) socket.end(bytes);
      return bytes;
    };
    await using runtime = await bootstrap({
      answer,
      events: [
        { body: '{"op":"echo"}', headers: headersOf("a") },
        { body: '{"op":"echo"}', headers: headersOf("b") },
      ],
    });
    assert.match((await runtime.post(1)).line, "/a/response");
    assert.match((await runtime.post(2)).line, "/b/response");
  });
}

test("carries the version of the package", async () => {
  const { default: manifest } = await import("../../package.json", { with: { type: "json" } });
  assert.is(version, manifest.version);
});

test.run();
