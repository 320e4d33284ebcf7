import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { plain } from "../platform/raw-server.ts";
import { bundledFixture } from "./bundled-fixture.ts";
import type { Peer } from "./peer.ts";
import { accepted, deliver, type PeerProcess, peerProcess } from "./peer-process.ts";

const test = suite("bootstrap, in the life of its environment,");
const fixture = await bundledFixture("life/index.ts");
test.after(() => fixture[Symbol.dispose]());
const snapStart = { AWS_LAMBDA_INITIALIZATION_TYPE: "snap-start", HOOKS: "snapshot" };
const restoreNext = "GET /2018-06-01/runtime/restore/next HTTP/1.1";

test("runs the hooks before a snapshot backwards, waits for the restore, runs the hooks after it, and serves", async () => {
  await using runtime = await started(snapStart);
  const peer = await runtime.peer();
  assert.is((await peer.request()).line, restoreNext);
  await runtime.printed(/before one/);
  assert.equal(said(runtime), ["before two", "before one"]);
  peer.write(plain(200, ""));
  await deliver(peer, "a", { op: "who am I" });
  assert.match((await peer.request()).line, "/a/response ");
  assert.equal(said(runtime).slice(2, 4), ["after one", "after two"]);
});

for (const status of [404, 403]) {
  test(`serves without a snapshot when restore/next is answered ${status}`, async () => {
    await using runtime = await started(snapStart);
    const peer = await runtime.peer();
    assert.is((await peer.request()).line, restoreNext);
    peer.write(plain(status, "no"));
    await deliver(peer, "a", { op: "who am I" });
    assert.match((await peer.request()).line, "/a/response ");
  });
}

test("exits when restore/next is answered 500", async () => {
  await using runtime = await started(snapStart);
  const peer = await runtime.peer();
  await peer.request();
  peer.write(plain(500, "no"));
  assert.is(await runtime.exit(), 1);
  assert.match(runtime.output, "answered 500 no");
});

const hookFailures = [
  ["before one", "/runtime/init/error", "Runtime.BeforeSnapshotError", "Error: in before one", 64],
  ["before two never", "/runtime/init/error", "Runtime.BeforeSnapshotError", "Error: A hook never settled", 64],
  ["after one", "/runtime/restore/error", "Runtime.AfterRestoreError", "Error: in after one", 65],
  ["after two never", "/runtime/restore/error", "Runtime.AfterRestoreError", "Error: A hook never settled", 65],
] as const;

for (const [where, path, errorType, message, exitCode] of hookFailures) {
  test(`reports a hook that fails ${where} to ${path} and exits ${exitCode}`, async () => {
    await using runtime = await started({ ...snapStart, FAILS_IN: where });
    const peer = await runtime.peer();
    let request = await peer.request();
    if (where.startsWith("after")) {
      assert.is(request.line, restoreNext);
      peer.write(plain(200, ""));
      request = await peer.request();
    }
    assert.is(request.line, `POST /2018-06-01${path} HTTP/1.1`);
    assert.match(request.head, `Lambda-Runtime-Function-Error-Type: ${errorType}\r\n`);
    const error = JSON.parse(request.body.toString());
    assert.is(error.errorType, errorType);
    assert.ok(error.errorMessage.startsWith(message), error.errorMessage);
    peer.write(accepted);
    assert.is(await runtime.exit(), exitCode);
  });
}

test("asks for no snapshot and registers nothing when nobody wants it", async () => {
  await using runtime = await started({});
  const peer = await runtime.peer();
  await deliver(peer, "a", { op: "who am I" });
  await peer.request();
  assert.is(runtime.server.connections, 1);
});

test("registers an extension without events where a shutdown hook is, and runs the hooks at SIGTERM", async () => {
  await using runtime = await started({ HOOKS: "shutdown" });
  const { api, registration } = await registered(runtime);
  assert.match(registration.head, "Lambda-Extension-Name: bootlace-shutdown-hooks\r\n");
  assert.is(registration.body.toString(), '{"events":[]}');
  await api.request();
  runtime.child.kill("SIGTERM");
  assert.is(await runtime.exit(), 0);
  assert.equal(said(runtime), ["shutdown one", "shutdown two"]);
});

test("does not take its registration for something that a function waits for", async () => {
  await using runtime = await started({ HOOKS: "shutdown" });
  const { api } = await registered(runtime);
  await deliver(api, "a", { op: "never" });
  const { line, body } = await api.request();
  assert.match(line, "/a/error ");
  assert.is(JSON.parse(body.toString()).errorType, "Runtime.NodeJsExit");
});

test("runs the hooks in the middle of an invocation", async () => {
  await using runtime = await started({ HOOKS: "shutdown" });
  const { api } = await registered(runtime);
  await deliver(api, "a", { op: "hang" });
  runtime.child.kill("SIGTERM");
  assert.is(await runtime.exit(), 0);
  assert.equal(said(runtime), ["shutdown one", "shutdown two"]);
});

test("waits for no hook longer than Lambda does, and tells it so", async () => {
  await using runtime = await started({ HOOKS: "shutdown", FAILS_IN: "two never" });
  const { api } = await registered(runtime);
  await api.request();
  runtime.child.kill("SIGTERM");
  assert.is(await runtime.exit(), 0);
  assert.equal(said(runtime), ["shutdown one", "shutdown two", "aborted"]);
});

test("runs the other hooks when one fails", async () => {
  await using runtime = await started({ HOOKS: "shutdown", FAILS_IN: "one" });
  const { api } = await registered(runtime);
  await api.request();
  runtime.child.kill("SIGTERM");
  assert.is(await runtime.exit(), 0);
  assert.match(runtime.output, "Shutdown Error");
  assert.match(runtime.output, "shutdown two");
});

test("serves though its extension is refused", async () => {
  await using runtime = await started({ HOOKS: "shutdown" });
  const { api } = await registered(runtime, plain(403, "no extensions here"));
  await deliver(api, "a", { op: "who am I" });
  assert.match((await api.request()).line, "/a/response ");
  assert.match(runtime.output, "no extensions here");
});

test("ends at SIGTERM when nobody wants to hear of it", async () => {
  await using runtime = await started({});
  await (await runtime.peer()).request();
  runtime.child.kill("SIGTERM");
  assert.is(await runtime.exit(), "SIGTERM");
});

test("becomes its wrapper, once, which starts it as it was started", async () => {
  const wrapper = script("wrapper", 'echo "wrapped $#"\nexport FROM_WRAPPER=yes\nexec "$@"\n');
  const env = { AWS_LAMBDA_EXEC_WRAPPER: wrapper, _HANDLER: "environment.handler" };
  writeFileSync(
    join(fixture.taskRoot, "environment.js"),
    "exports.handler = async () => [process.env, process.execArgv];",
  );
  await using runtime = await peerProcess({ task: fixture.taskRoot, env, nodeOptions: ["--stack-size=900"] });
  const peer = await runtime.peer();
  await deliver(peer, "a", {});
  const [environment, execArgv] = JSON.parse((await peer.request()).body.toString());
  assert.is(environment.FROM_WRAPPER, "yes");
  assert.is(environment.AWS_LAMBDA_EXEC_WRAPPER, wrapper);
  assert.not("_BOOTLACE_WRAPPED" in environment);
  assert.equal(execArgv, ["--stack-size=900"]);
  assert.is(runtime.output, "wrapped 3\n");
});

test("becomes a wrapper that does not say what runs it, as a shell does", async () => {
  const wrapper = script("bare", 'echo "wrapped $#"\nexec "$@"\n', "");
  await using runtime = await started({ AWS_LAMBDA_EXEC_WRAPPER: wrapper });
  await (await runtime.peer()).request();
  assert.is(runtime.output, "wrapped 2\n");
});

for (const [given, seen] of [
  [{}, `AWS_Lambda_nodejs${process.versions.node.split(".")[0]}.x`],
  [{ AWS_EXECUTION_ENV: "AWS_Lambda_Image" }, "AWS_Lambda_Image"],
] as const) {
  test(`tells libraries where they are, where ${given.AWS_EXECUTION_ENV ?? "nobody"} does`, async () => {
    writeFileSync(
      join(fixture.taskRoot, "where.js"),
      "const { AWS_EXECUTION_ENV } = process.env;\nexports.handler = async () => AWS_EXECUTION_ENV;",
    );
    await using runtime = await peerProcess({ task: fixture.taskRoot, env: { _HANDLER: "where.handler", ...given } });
    const peer = await runtime.peer();
    await deliver(peer, "a", {});
    assert.is(JSON.parse((await peer.request()).body.toString()), seen);
  });
}

for (const [name, wrapper, complaint] of [
  ["is not there", "/nowhere/wrapper", "AWS_LAMBDA_EXEC_WRAPPER names no file that can be started: ENOENT"],
  [
    "may not be started",
    join(fixture.taskRoot, "index.js"),
    "AWS_LAMBDA_EXEC_WRAPPER names no file that can be started: EACCES",
  ],
  ["is a folder", fixture.taskRoot, "AWS_LAMBDA_EXEC_WRAPPER names no file that can be started: EISDIR"],
  ["was saved on Windows", script("crlf", 'exec "$@"\r\n', "#!/bin/sh\r\n"), "ends in CRLF: save it with LF alone"],
  [
    "needs a program that is not there",
    script("bash", 'exec "$@"\n', "#!/nowhere/bash\n"),
    "needs a program that cannot be started: ENOENT",
  ],
] as const) {
  test(`says that its wrapper ${name}, and exits`, async () => {
    await using runtime = await started({ AWS_LAMBDA_EXEC_WRAPPER: wrapper });
    assert.is(await runtime.exit(), 1);
    assert.match(runtime.output, /^Cannot start: /);
    assert.match(runtime.output, complaint);
  });
}

function started(env: Readonly<Record<string, string>>): Promise<PeerProcess> {
  return peerProcess({ task: fixture.taskRoot, env });
}

/** Answers the registration; gives the connection of the runtime and what was asked of the extensions' API. */
async function registered(runtime: PeerProcess, answer = plain(200, "{}", "Lambda-Extension-Identifier: x\r\n")) {
  const api: Peer = await runtime.peer();
  const extensions = await runtime.peer();
  const registration = await extensions.request();
  assert.is(registration.line, "POST /2020-01-01/extension/register HTTP/1.1");
  extensions.write(answer);
  if (answer.includes("Identifier"))
    assert.match((await extensions.request()).line, "GET /2020-01-01/extension/event/next ");
  return { api, registration };
}

function said({ output }: PeerProcess): readonly string[] {
  return output.split("\n").flatMap((line) => line.split("\t")[3] ?? []);
}

function script(name: string, body: string, firstLine = "#!/bin/sh\n"): string {
  const file = join(fixture.taskRoot, name);
  writeFileSync(file, `${firstLine}${body}`);
  chmodSync(file, 0o755);
  return file;
}

test.run();
