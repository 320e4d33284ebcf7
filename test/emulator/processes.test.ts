/** Runtimes and extensions as real processes, each of which does one thing wrong. */
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { entrypointProblem } from "../../src/emulator/supervisor/entrypoint.ts";
import { suite } from "../helpers/suite.ts";
import { fixture, realFunction } from "./real-function.ts";

const test = suite("a real process");

const failures = [
  ["exits-in-init", "Runtime.ExitError", "Runtime exited with error: exit status 3"],
  ["exits-without-a-reason", "Runtime.ExitError", "Runtime exited without providing a reason"],
  ["kills-itself", "Runtime.ExitError", "Runtime exited with error: signal: killed"],
] as const;
for (const [misbehaviour, errorType, cause] of failures) {
  test(`that ${misbehaviour.replaceAll("-", " ")} fails its invocation`, async () => {
    await using real = await realFunction(misbehaviour);
    const { payload, functionError, requestId } = await real.emulated.invoke({});
    assert.is(functionError, "Unhandled");
    const expected = `{"errorType":"${errorType}","errorMessage":"RequestId: ${requestId} Error: ${cause}"}`;
    assert.is(Buffer.from(payload).toString(), expected);
  });
}

for (const [misbehaviour, expected] of [
  ["exits-after-response", '"kept"'],
  ["hangs-up-after-response", `"${"a".repeat(4_000_000)}"`],
] as const) {
  test(`that ${misbehaviour.replaceAll("-", " ")} does not take its response along`, async () => {
    await using real = await realFunction(misbehaviour);
    const { payload, functionError, logTail } = await real.emulated.invoke({});
    assert.is(Buffer.from(payload).toString() === expected, true);
    assert.is(functionError, undefined);
    await logTail;
    // The next invocation initialises the environment again.
    assert.is(Buffer.from((await real.emulated.invoke({})).payload).toString() === expected, true);
  });
}

test("that writes a partial line has it in the log before END", async () => {
  await using real = await realFunction("writes-a-partial-line");
  await (await real.emulated.invoke({})).logTail;
  const lines = real.lines.map((line) => line.split(" ").slice(0, 3).join(" "));
  const at = lines.indexOf("whole");
  assert.is(real.lines[at + 1], "half a line and half a character \ufffd");
  assert.ok(lines[at + 2]?.startsWith("END RequestId:"));
});

test("is limited in Init, which is repeated inside the invocation until the function's time-out", async () => {
  await using real = await realFunction("never-asks-next", { initTimeoutMs: 200, timeoutMs: 1_000 });
  const { payload, requestId, logTail } = await real.emulated.invoke({});
  const message = `RequestId: ${requestId} Error: Task timed out after 1.00 seconds`;
  assert.is(Buffer.from(payload).toString(), `{"errorType":"Sandbox.Timedout","errorMessage":"${message}"}`);
  await logTail;
  const [first, second] = real.lines.filter((line) => line.startsWith("INIT_REPORT"));
  const told = [
    /^INIT_REPORT Init Duration: (\d+\.\d\d) ms\tPhase: init\tStatus: timeout$/.exec(first ?? "")?.[1],
    /^INIT_REPORT Init Duration: (\d+\.\d\d) ms\tPhase: invoke\tStatus: timeout$/.exec(second ?? "")?.[1],
  ];
  const [journal] = await real.emulated.journals();
  const entries = journal?.entries ?? [];
  const at = (what: RegExp, from = 0) =>
    entries.find(({ at, input }) => at >= from && what.test("alarm" in input ? input.alarm : input.type))?.at ?? 0;
  const [began, limit, ended] = [at(/^invoke$/), at(/^init$/), at(/^timeout:/)];
  assert.ok(limit - began >= 200, `limited after ${limit - began} ms`);
  // It is not waited for longer than the reset may take.
  const beganAgain = at(/^(process-exited|shutdown)$/, limit);
  const measured = [limit - began, ended - beganAgain];
  assert.equal(
    told,
    measured.map((ms) => ms.toFixed(2)),
  );
});

test("keeps /tmp across a reset, shares it with nobody, and cannot write to /var/task or /opt", async () => {
  await using real = await realFunction("answers");
  await real.ask("remember", { value: "a" });
  await assertFails(real.ask("crash", { code: 7 }), "exit status 7");
  await real.ask("remember", { value: "b" });
  assert.is(await real.ask("recall"), "ab");
  await using other = await realFunction("answers");
  assert.equal(await other.ask("list", { path: "/tmp" }), []);
  assert.is(await real.ask("where"), "/var/task");
  for (const path of ["/var/task/x", "/opt/x"]) assert.is(await real.ask("write", { path }), "EROFS");
  assert.equal(await real.ask("list", { path: "/opt" }), ["node"]);
});

test("is handed the documented variables and none of this machine's, in its own folder", async () => {
  process.env.BOOTLACE_TEST_SECRET = "of this machine";
  const environment = { GREETING: "a 'b' \"c\" $d `e`\n\\f", TZ: "Europe/Vienna", LD_PRELOAD: "/nowhere.so", A1: "" };
  const options = { task: fixture("prints-its-environment"), environment };
  await using real = await realFunction("", options);
  await real.emulated.invoke({});
  const printed = real.log.filter(({ source }) => source === "function").map(({ text }) => text);
  const once = printed.slice(0, printed.indexOf("/var/task") + 1).filter((line) => !line.startsWith("ERROR: ld.so"));
  const stable = once.map((line) =>
    line.replace(/^(AWS_LAMBDA_RUNTIME_API=).*/, "$1HOST:PORT").replace(/^(AWS_LAMBDA_LOG_STREAM_NAME=).*/, "$1STREAM"),
  );
  assert.equal(stable.sort(), expectedVariables.sort());
});

test("that is an extension is handed fewer variables, and its exit is told to the caller", async () => {
  const options = { extensions: "prints-its-environment.sh", task: fixture("prints-its-environment") };
  await using real = await realFunction("", { ...options, environment: { GREETING: "hi" } });
  const { payload, requestId } = await real.emulated.invoke({});
  const message = `RequestId: ${requestId} Error: exit status 17`;
  assert.is(Buffer.from(payload).toString(), `{"errorType":"Extension.Crash","errorMessage":"${message}"}`);
  const printed = real.log.filter(({ source }) => source === "extension").map(({ text }) => text.split("=")[0]);
  const withheld =
    /^(\/var\/task|_.*|AWS_EXECUTION_ENV|AWS_LAMBDA_LOG_.*|AWS_XRAY_.*|LAMBDA_.*|LANG|A1|LD_PRELOAD|GREETING=.*|\\f)(=|$)/;
  const expected = [
    ...expectedVariables.filter((line) => !withheld.test(line)).map((line) => line.split("=")[0]),
    "GREETING",
  ];
  assert.equal(printed.slice(0, printed.length / 2).sort(), expected.sort());
});

test("that does not start says why in its caller's error", async () => {
  const task = mkdtempSync(join(tmpdir(), "bootlace-bad-"));
  try {
    writeFileSync(join(task, "bootstrap"), "#!/bin/sh\n", { mode: 0o644 });
    await using real = await realFunction("", { task });
    const { payload, requestId } = await real.emulated.invoke({});
    assert.equal(JSON.parse(Buffer.from(payload).toString()), {
      errorType: "Runtime.InvalidEntrypoint",
      errorMessage: `RequestId: ${requestId} Error: "/var/task/bootstrap" is not executable: give it mode 0755 (chmod +x) before you pack it`,
    });
    assert.match(real.emulated.lambda.problem ?? "", "is not executable");
  } finally {
    rmSync(task, { recursive: true });
  }
});

const programs = [
  ["a script", "#!/bin/sh\n", undefined],
  ["a script with blanks and an argument", "#!  /bin/sh -e\n", undefined],
  ["no first line", "echo hi\n", /is neither a Linux executable nor a script/],
  ["an empty file", "", /is neither a Linux executable nor a script/],
  ["Windows line endings", "#!/bin/sh\r\necho hi\r\n", /has Windows line endings/],
  [
    "an interpreter that is not there",
    "#!/usr/bin/pythoon3\n",
    /wants the interpreter "\/usr\/bin\/pythoon3", which does not exist here/,
  ],
  ["nothing behind #!", "#!\n", /names no interpreter/],
  ["another processor", elf(process.arch === "x64" ? 183 : 62), /is built for (arm64|x86_64), but this machine is/],
  ["a processor nobody has", elf(21), /is built for another processor/],
  ["this processor", elf(process.arch === "x64" ? 62 : 183), undefined],
] as const;
for (const [what, content, expected] of programs) {
  test(`with ${what} ${expected === undefined ? "can run" : "is refused in a sentence"}`, () => {
    const folder = mkdtempSync(join(tmpdir(), "bootlace-entry-"));
    try {
      const file = join(folder, "bootstrap");
      writeFileSync(file, content, { mode: 0o755 });
      const problem = entrypointProblem(file, "/opt/bootstrap", { located: (path) => path, place: "here" });
      if (expected === undefined) assert.is(problem, undefined);
      else assert.match(problem ?? "", expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

for (const end of ["a crash", "the environment's end"]) {
  test(`that forks children leaves none behind after ${end}, not even one that left its group`, async () => {
    const functionName = `forks-${process.pid}-${end.length}`;
    await using real = await realFunction("forks-a-child-that-stays", { functionName });
    assert.is(((await real.ask("")) as readonly number[]).length, 2); // as: that runtime answers with process ids of its own namespace.
    const pids = processesWith(`AWS_LAMBDA_FUNCTION_NAME=${functionName}`);
    assert.is(pids.length, 3);
    if (end === "a crash") await assertFails(real.ask("crash"), "exit status 1");
    else await real.emulated.close();
    while (pids.some((pid) => runs(pid))) await new Promise<void>((resolve) => setImmediate(resolve));
  });
}

const expectedVariables = [
  "AWS_ACCESS_KEY_ID=local",
  "AWS_DEFAULT_REGION=us-east-1",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128",
  "AWS_LAMBDA_FUNCTION_NAME=hello",
  "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
  "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
  "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/hello",
  "AWS_LAMBDA_LOG_STREAM_NAME=STREAM",
  "AWS_LAMBDA_RUNTIME_API=HOST:PORT",
  "AWS_REGION=us-east-1",
  "AWS_SECRET_ACCESS_KEY=local",
  "AWS_SESSION_TOKEN=local",
  "AWS_XRAY_CONTEXT_MISSING=LOG_ERROR",
  "AWS_XRAY_DAEMON_ADDRESS=127.0.0.1:2000",
  "A1=",
  "GREETING=a 'b' \"c\" $d `e`",
  "\\f",
  "LAMBDA_RUNTIME_DIR=/var/runtime",
  "LAMBDA_TASK_ROOT=/var/task",
  "LANG=en_US.UTF-8",
  "LD_LIBRARY_PATH=/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
  "LD_PRELOAD=/nowhere.so",
  "PATH=/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
  "TZ=Europe/Vienna",
  "_AWS_XRAY_DAEMON_ADDRESS=127.0.0.1",
  "_AWS_XRAY_DAEMON_PORT=2000",
  "_HANDLER=index.handler",
  "/var/task",
];

/** The first 20 bytes of an ELF file for a processor. */
function elf(machine: number): Buffer {
  const bytes = Buffer.from("7f454c4602010100000000000000000002000000", "hex");
  bytes.writeUInt16LE(machine, 18);
  return bytes;
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function processesWith(variable: string): readonly number[] {
  return globSync("/proc/[0-9]*/environ").flatMap((path) => {
    try {
      return readFileSync(path, "utf8").split("\0").includes(variable) ? [Number(path.split("/")[2])] : [];
    } catch {
      return [];
    }
  });
}

async function assertFails(promise: Promise<unknown>, text: string): Promise<void> {
  assert.match(await promise.then(String, (error: Error) => error.message), text);
}

test.run();
