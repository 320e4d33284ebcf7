/** Environments of real processes for longer: what they leave behind, how long they take to end, and for whom they run. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { isolationOfThisMachine } from "../../src/emulator/supervisor/isolation.ts";
import { realFunction } from "../emulator/real-function.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("environments of real processes");

test(
  "leave nothing behind after fifty rounds: no process, no folder, no port",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "rounds-"));
    const functionName = `rounds-${process.pid}`;
    const { TMPDIR } = process.env;
    process.env.TMPDIR = folder;
    try {
      for (let round = 0; round < 50; round++) {
        const misbehaviour = round % 2 === 0 ? "answers" : "forks-a-child-that-stays";
        await using real = await realFunction(misbehaviour, { functionName });
        await real.ask("echo", { value: 1 });
      }
      assert.equal(leftovers(folder, functionName), { folders: [], processes: 0, listening: 0 });
    } finally {
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
      rmSync(folder, { recursive: true, force: true });
    }
  },
  { timeoutMs: 120_000 },
);

test("end at once where nobody is to be told, though the runtime ignores SIGTERM", async () => {
  await using real = await realFunction("ignores-sigterm");
  await real.ask("");
  const began = performance.now();
  await real.emulated.close();
  assert.ok(performance.now() - began < 400);
  assert.ok(!real.lines.includes("no"));
});

test("time out, and then answer again", async () => {
  await using real = await realFunction("never-answers", { timeoutMs: 1_000 });
  for (let times = 0; times < 2; times++) {
    const { payload, requestId, logTail } = await real.emulated.invoke({});
    const message = `RequestId: ${requestId} Error: Task timed out after 1.00 seconds`;
    assert.is(Buffer.from(payload).toString(), `{"errorType":"Sandbox.Timedout","errorMessage":"${message}"}`);
    await logTail;
  }
  const reports = real.lines.filter((line) => line.startsWith("REPORT"));
  for (const report of reports) assert.match(report, /\tDuration: 1000\.00 ms\t.*\tStatus: timeout$/);
});

test(
  "have a function's whole output before END, however fast it answers",
  async () => {
    await using real = await realFunction("answers");
    for (let round = 0; round < 100; round++) {
      const from = real.lines.length;
      await real.ask("log", { lines: 200 });
      const kinds = real.lines.slice(from).map((line) => line.split(" ")[0]);
      assert.equal(kinds, ["START", ...Array(200).fill("line"), "END", "REPORT"]);
    }
  },
  { timeoutMs: 60_000 },
);

test("work without mounts, where paths are passed by variables", async () => {
  await using real = await realFunction("answers", { isolation: { kind: "none", reason: "a test" } });
  assert.match(String(await real.ask("where")), /test\/fixtures\/bootstraps\/node$/);
  assert.equal(await real.ask("echo", { value: [1] }), [1]);
  await real.emulated.close();
});

test(
  "work for an ordinary user, with mounts of their own or without",
  () => {
    if (process.getuid?.() !== 0) return console.log("skipped: this is an ordinary user already");
    const home = mkdtempSync(join(tmpdir(), "ordinary-"));
    chmodSync(home, 0o777);
    const root = join(import.meta.dirname, "../..");
    // A function sees its own /tmp, so whatever lies in ours has to come as a layer.
    const opt = mkdtempSync(join(tmpdir(), "ordinary-opt-"));
    chmodSync(opt, 0o755);
    copyFileSync(process.execPath, join(opt, "node"));
    const user = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
    const script = `
      const { emulate, isolationOfThisMachine } = await import(${JSON.stringify(join(root, "src/emulator/index.ts"))});
      const opt = ${JSON.stringify(opt)};
      const NODE = isolationOfThisMachine().kind === "mounts" ? "/opt/node" : opt + "/node";
      const environment = { NODE, MISBEHAVIOUR: "answers" };
      const task = ${JSON.stringify(join(root, "test/fixtures/bootstraps/node"))};
      await using lambda = await emulate({ task, layers: [opt], environment });
      const result = await lambda.invoke({ op: "echo", value: lambda.lambda.isolation.kind });
      console.log(Buffer.from(result.payload).toString());`;
    try {
      const args = [...user, process.execPath, "--input-type=module", "-e", script];
      const ran = spawnSync("setpriv", args, { encoding: "utf8", env: { TMPDIR: home, PATH: process.env.PATH ?? "" } });
      assert.match(ran.stdout, /^"(mounts|none)"\n$/, ran.stderr);
      assert.equal(readdirSync(home), []);
    } finally {
      rmSync(home, { recursive: true, force: true });
      rmSync(opt, { recursive: true, force: true });
    }
  },
  { timeoutMs: 30_000 },
);

test("die with the process that runs them, also when that is killed", async () => {
  const root = join(import.meta.dirname, "../..");
  const home = mkdtempSync(join(tmpdir(), "killed-"));
  const script = `
    const { emulate } = await import(${JSON.stringify(join(root, "src/emulator/index.ts"))});
    const environment = { NODE: process.execPath, MISBEHAVIOUR: "answers", MARK: ${JSON.stringify(home)} };
    const lambda = await emulate({ task: ${JSON.stringify(join(root, "test/fixtures/bootstraps/node"))}, environment });
    await lambda.invoke({ op: "echo" });
    process.kill(process.pid, "SIGKILL");`;
  const env = { TMPDIR: home, PATH: process.env.PATH ?? "" };
  spawnSync(process.execPath, ["--input-type=module", "-e", script], { env });
  while (processesWith(`MARK=${home}`) > 0) await new Promise<void>((resolve) => setImmediate(resolve));
  rmSync(home, { recursive: true, force: true });
});

test("say how they are isolated", () => {
  assert.ok(["mounts", "none"].includes(isolationOfThisMachine().kind));
});

/** What is in our temporary folder, processes that are ours, and ports on which this process listens. */
function leftovers(folder: string, functionName: string) {
  const ports = readFileSync("/proc/self/net/tcp", "utf8")
    .split("\n")
    .filter((line) => / 0A /.test(line));
  const inodes = new Set(globSync("/proc/self/fd/*").map(socketOf));
  return {
    folders: readdirSync(folder),
    processes: processesWith(`AWS_LAMBDA_FUNCTION_NAME=${functionName}`),
    listening: ports.filter((line) => inodes.has(line.trim().split(/\s+/)[9] ?? "")).length,
  };
}

function socketOf(path: string): string | undefined {
  try {
    return /socket:\[(\d+)\]/.exec(readlinkSync(path))?.[1];
  } catch {
    return undefined;
  }
}

function processesWith(variable: string): number {
  return globSync("/proc/[0-9]*/environ").filter((path) => {
    try {
      return readFileSync(path, "utf8").split("\0").includes(variable);
    } catch {
      return false;
    }
  }).length;
}

test.run();
