/** What a function can do to the machine that runs it, tried: limits.md 3.2 rows 14 to 16 with real processes. */
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { emulate } from "../../src/emulator/emulate.ts";
import { controllersOfThisMachine } from "../../src/emulator/supervisor/cgroup.ts";
import { isolationOfThisMachine } from "../../src/emulator/supervisor/isolation.ts";
import { natProblem } from "../../src/emulator/supervisor/network.ts";
import { allProcesses } from "../../src/emulator/supervisor/process-table.ts";
import { type RealFunction, realFunction } from "../emulator/real-function.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("a function that attacks");
const isolation = isolationOfThisMachine();
const controllers = isolation.kind === "mounts" && isolation.as === "root" ? controllersOfThisMachine() : new Set();
const patient = { timeoutMs: 60_000 };

/** Where a wall is missing the function says so, and that is what is tested. */
function walled(what: string, condition: boolean, body: (real: RealFunction) => Promise<void>, options = {}): void {
  const run = async () => {
    await using real = await realFunction("attacks", options);
    if (condition) return await body(real);
    const list = real.emulated.lambda.notEnforced;
    assert.ok(list.length > 0, `nothing is said to be missing, but "${what}" cannot be tested here`);
    console.log(`not enforced here: ${list.map((each) => `${each.what} (${each.why})`).join(", ")}`);
  };
  test(what, run, patient);
}

const mounts = isolation.kind === "mounts";

walled(
  "is Lambda's user, without capabilities in a folder of its own, with a /tmp of its size",
  mounts,
  async (real) => {
    const seen = (await real.ask("identity")) as Identity; // as: that runtime answers so.
    assert.equal([seen.uid, seen.gid, seen.cwd], [993, 990, "/var/task"]);
    assert.ok(seen.groups.every((group) => group === 990 || group === 65_534));
    assert.match(seen.status, /^CapEff:\s+0000000000000000$/m);
    assert.match(seen.status, /^CapPrm:\s+0000000000000000$/m);
    assert.match(seen.status, /^NoNewPrivs:\s+1$/m);
    assert.match(seen.limits, /^Max open files\s+1024\s+1024\s/m);
    assert.ok(seen.tmpBytes >= 512 * 1024 * 1024 && seen.tmpBytes < 560 * 1024 * 1024, `${seen.tmpBytes}`);
  },
);

walled("finds nothing of the machine's own files, and writes nowhere but to /tmp", mounts, async (real) => {
  const secret = join(mkdtempSync(join(tmpdir(), "secret-")), "credentials");
  writeFileSync(secret, "of this machine", { mode: 0o644 });
  try {
    const home = join(process.env.HOME ?? "/root", ".aws/credentials");
    for (const path of [secret, home, "/root", "/home", "/run/docker.sock", import.meta.filename])
      assert.is(await real.ask("read", { path }), "ENOENT", path);
    for (const path of ["/x", "/etc/x", "/usr/x", "/var/x", "/var/task/x", "/opt/x", "/dev/x", "/var/tmp/x"])
      assert.ok(["EROFS", "EACCES"].includes(String(await real.ask("write", { path }))), path);
    assert.is(await real.ask("write", { path: "/tmp/x" }), "written");
    assert.is(await real.ask("read", { path: "/etc/shadow" }), existsSync("/etc/shadow") ? "EACCES" : "ENOENT");
  } finally {
    rmSync(join(secret, ".."), { recursive: true });
  }
});

walled("reads no variables but its own", mounts, async (real) => {
  process.env.BOOTLACE_TEST_SECRET = "of-this-machine";
  const environments = (await real.ask("environments")) as readonly string[]; // as: that runtime answers so.
  assert.not.match(environments.join("\0"), "of-this-machine");
  assert.not.match(environments.join("\0"), "BOOTLACE_");
  assert.ok(Number(await real.ask("processes")) <= 5);
  assert.ok(["EACCES", "EPERM", "ENOENT"].includes(String(await real.ask("read", { path: "/proc/1/environ" }))));
});

walled("signals nobody outside", mounts, async (real) => {
  const bystander = spawn("sleep", ["1000"], { uid: mountsUid(), stdio: "ignore" });
  try {
    const pids = [bystander.pid, process.pid, process.ppid].filter((pid) => pid !== undefined && pid > 50);
    const results = await real.ask("signal", { pids });
    assert.equal(results, Array(pids.length).fill("ESRCH"));
    // The first process of its own is out of reach as well; -1 is everybody that it may signal, so itself.
    await real.ask("signal", { pids: [1] });
    assert.is(await real.ask("echo", { value: "still here" }), "still here");
    const message = await real.ask("signal", { pids: [-1] }).then(String, (error: Error) => error.message);
    assert.ok(/signal: killed|true/.test(message), message);
    assert.is(bystander.exitCode, null);
    assert.is(bystander.signalCode, null);
  } finally {
    bystander.kill("SIGKILL");
  }
});

const counted = controllers.has("pids") || (isolation.kind === "mounts" && isolation.as === "user");
walled(
  "has 1,024 processes and threads and no more, and a fork bomb ends with its environment",
  counted,
  async (real) => {
    const { failed, processes } = (await real.ask("forkBomb", { count: 2_000 })) as Forked; // as: that runtime answers so.
    assert.is(failed, 1);
    assert.ok(processes > 900 && processes <= 1_030, `${processes}`);
    const marked = () => processesOf(real.emulated.lambda.configuration.functionName);
    assert.ok(marked() > 900);
    await real.emulated.close();
    assert.is(marked(), 0);
  },
  { functionName: `bomb-${process.pid}`, timeoutMs: 60_000, memoryMb: 2048, processors: "all" },
);

walled(
  "is killed when it takes more memory than it has, which its caller and its REPORT line are told",
  controllers.has("memory"),
  async (real) => {
    const { payload, requestId, logTail } = await real.emulated.invoke({ op: "memoryBomb" });
    const message = `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`;
    assert.is(Buffer.from(payload).toString(), `{"errorType":"Runtime.ExitError","errorMessage":"${message}"}`);
    await logTail;
    const report = real.lines.find((line) => line.startsWith("REPORT"));
    assert.match(
      report ?? "",
      /\tMemory Size: 192 MB\tMax Memory Used: 192 MB\t.*Status: error\tError Type: Runtime\.ExitError$/,
    );
    assert.is(await real.ask("echo", { value: 1 }), 1);
  },
  { memoryMb: 192, processors: "all" },
);

walled(
  "fills its own /tmp and nothing else, which does not count as memory",
  mounts && !(controllers.has("memory") && !existsSync("/dev/loop-control")),
  async (real) => {
    const { bytes, code } = (await real.ask("diskFill")) as Filled; // as: that runtime answers so.
    assert.is(code, "ENOSPC");
    assert.ok(bytes >= 500 * 1024 * 1024 && bytes <= 540 * 1024 * 1024, `${bytes}`);
    assert.is(await real.ask("echo", { value: 1 }), 1);
  },
  { timeoutMs: 60_000 },
);

walled("opens 1,024 files and no more", mounts, async (real) => {
  const { files, code } = (await real.ask("openMany")) as Opened; // as: that runtime answers so.
  assert.is(code, "EMFILE");
  assert.ok(files > 900 && files < 1_024, `${files}`);
});

walled(
  "has the share of a processor that its memory buys",
  controllers.has("cpu"),
  // A fourteenth of a processor: a hundred milliseconds take more than a second, on any machine and under any load.
  async (real) => assert.ok(Number(await real.ask("compute", { cpuMs: 100 })) > 1_000),
  { memoryMb: 128 },
);

walled(
  "is alone in a network of its own",
  mounts,
  async (real) => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    try {
      const port = portOf(server);
      assert.is(await real.ask("reach", { host: "127.0.0.1", port }), "ECONNREFUSED");
      assert.is(await real.ask("reach", { host: "192.0.2.1", port: 80 }), "ENETUNREACH");
      await using other = await realFunction("attacks", { network: "none" });
      await other.ask("echo", { value: 1 });
      // Neither this machine nor another environment reaches an API by the address that the other was told.
      for (const [from, to] of [
        [real, other],
        [other, real],
      ] as const) {
        const [host = "", apiPort] = ((await to.emulated.environments())[0]?.api ?? "").split(":");
        const own = ((await from.emulated.environments())[0]?.api ?? "").split(":")[1];
        if (own !== apiPort) assert.is(await from.ask("reach", { host, port: Number(apiPort) }), "ECONNREFUSED");
        assert.is(await reach(host, Number(apiPort)), "ECONNREFUSED");
      }
    } finally {
      server.close();
    }
  },
  { network: "none" },
);

test(
  "has a way out of its own network where the machine offers one, and not into this machine",
  async () => {
    const problem = mounts ? natProblem() : "no namespaces";
    if (problem !== undefined) {
      const message = await realFunction("attacks", { network: "nat" }).then(String, (error: Error) => error.message);
      assert.match(message, /^Cannot give the function/);
      return;
    }
    await using real = await realFunction("attacks", { network: "nat" });
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    assert.is(await real.ask("reach", { host: "127.0.0.1", port: portOf(server) }), "ECONNREFUSED");
    assert.not.equal(await real.ask("reach", { host: "10.0.2.2", port: portOf(server) }), "connected");
    assert.match(String(await real.ask("read", { path: "/proc/net/route" })), /^tap0\t00000000\t/m);
    server.close();
  },
  patient,
);

for (const without of [false, true]) {
  test(`inherits its three standard descriptors and no other${without ? ", without namespaces too" : ""}`, () => {
    const task = mkdtempSync(join(tmpdir(), "descriptors-"));
    writeFileSync(join(task, "bootstrap"), "#!/bin/sh\nexec ls /proc/self/fd\n", { mode: 0o755 });
    try {
      const program = `
        const { emulate } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/emulator/index.ts"))});
        const log = (line) => line.source === "function" && console.log(line.text);
        const isolation = ${without ? '{ kind: "none", reason: "a test" }' : "undefined"};
        await using lambda = await emulate({ task: ${JSON.stringify(task)}, isolation, observer: () => ({ log }) });
        await (await lambda.invoke({})).logTail;`;
      // A careless parent: twenty more descriptors, which nobody has marked.
      const stdio = ["ignore", "pipe", "inherit", ...Array(20).fill("pipe")] as const;
      const ran = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
        stdio: [...stdio],
        encoding: "utf8",
      });
      // The fourth is the folder that is being listed.
      assert.equal([...new Set(ran.stdout.trim().split("\n"))].sort(), ["0", "1", "2", "3"]);
    } finally {
      rmSync(task, { recursive: true });
    }
  });
}

test("is confined as an ordinary user as well, and what only root can do is said", () => {
  if (process.getuid?.() !== 0) return console.log("skipped: this is an ordinary user already");
  const ran = spawnSync("setpriv", [...ordinary, process.execPath, "--input-type=module", "-e", asOrdinaryUser()], {
    encoding: "utf8",
    env: { TMPDIR: shared, PATH: process.env.PATH ?? "" },
  });
  assert.is(ran.status, 0, ran.stderr);
  const { kind, line, identity, written, home } = JSON.parse(ran.stdout);
  assert.match(line, /^Not enforced on this machine: .*memory.*the share of the processor/);
  if (kind === "none") return;
  assert.equal([identity.uid, identity.gid, identity.cwd], [993, 990, "/var/task"]);
  assert.match(identity.status, /^CapEff:\s+0000000000000000$/m);
  assert.equal([written, home], ["EROFS", "ENOENT"]);
});

test(
  "runs in an unpacked image, with nothing of this machine's",
  async () => {
    if (!mounts) return console.log("skipped: no namespaces");
    const image = mkdtempSync(join(tmpdir(), "image-"));
    try {
      layOutImage(image);
      const lambda = await emulate({ root: image, timeoutMs: 10_000 });
      try {
        const result = await lambda.invoke({ op: "read", path: "/etc/os-release" });
        assert.is(result.json(), "ID=an-image\n", Buffer.from(result.payload).toString());
        assert.is((await lambda.invoke({ op: "read", path: "/usr/bin/env" })).json(), "ENOENT");
        assert.is((await lambda.invoke({ op: "write", path: "/var/task/x" })).json(), "EROFS");
        assert.is((await lambda.invoke({ op: "write", path: "/tmp/x" })).json(), "written");
        assert.not.ok(existsSync(join(image, "proc")));
      } finally {
        await lambda.close();
      }
    } finally {
      rmSync(image, { recursive: true });
    }
  },
  patient,
);

/** Somebody whose files nobody else needs to read. */
const ordinary = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
const shared = mkdtempSync(join(tmpdir(), "ordinary-"));
chmodSync(shared, 0o777);
test.after(() => rmSync(shared, { recursive: true, force: true }));

function asOrdinaryUser(): string {
  const root = join(import.meta.dirname, "../..");
  const opt = join(shared, "opt");
  mkdirSync(opt, { mode: 0o755 });
  copyFileSync(process.execPath, join(opt, "node"));
  return `
    const { emulate, notEnforcedLine } = await import(${JSON.stringify(join(root, "src/emulator/index.ts"))});
    const task = ${JSON.stringify(join(root, "test/fixtures/bootstraps/node"))};
    const layers = [${JSON.stringify(opt)}];
    const environment = { NODE: ${JSON.stringify(join(opt, "node"))}, MISBEHAVIOUR: "attacks" };
    const options = { task, layers, environment, memoryMb: 256, timeoutMs: 10_000 };
    const first = await emulate(options);
    const kind = first.lambda.isolation.kind;
    const line = notEnforcedLine(first.lambda.notEnforced);
    await first.close();
    if (kind === "mounts") environment.NODE = "/opt/node";
    await using lambda = await emulate(options);
    const ask = async (event) => (await lambda.invoke(event)).json();
    const identity = await ask({ op: "identity" });
    const written = await ask({ op: "write", path: "/var/task/x" });
    const home = await ask({ op: "read", path: "/home" });
    console.log(JSON.stringify({ kind, line, identity, written, home }));`;
}

/** The engine, the libraries that it says it needs, a function; and no shell, no /proc, nothing else. */
function layOutImage(image: string): void {
  for (const folder of ["bin", "etc", "lib64", "tmp", "var/task"]) mkdirSync(join(image, folder), { recursive: true });
  chmodSync(image, 0o755);
  copyFileSync(process.execPath, join(image, "bin/node"));
  const { stdout } = spawnSync("ldd", [process.execPath], { encoding: "utf8" });
  for (const [library] of stdout.matchAll(/\/\S+/g)) {
    mkdirSync(join(image, dirname(library)), { recursive: true });
    copyFileSync(library, join(image, library));
  }
  writeFileSync(join(image, "etc/os-release"), "ID=an-image\n");
  const fixtures = join(import.meta.dirname, "../fixtures/bootstraps/node");
  for (const file of ["attacks.mjs", "speak.mjs"]) copyFileSync(join(fixtures, file), join(image, "var/task", file));
  const start = '#!/bin/node\nimport("/var/task/attacks.mjs");\n';
  writeFileSync(join(image, "var/task/bootstrap"), start, { mode: 0o755 });
}

interface Identity {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly status: string;
  readonly limits: string;
  readonly cwd: string;
  readonly tmpBytes: number;
}

interface Forked {
  readonly failed: number;
  readonly processes: number;
}

interface Filled {
  readonly bytes: number;
  readonly code: string;
}

interface Opened {
  readonly files: number;
  readonly code: string;
}

/** A bystander with the function's own user id is the one whom it might signal. */
function mountsUid(): number | undefined {
  return process.getuid?.() === 0 ? 993 : undefined;
}

function processesOf(functionName: string): number {
  return allProcesses().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "latin1").includes(`AWS_LAMBDA_FUNCTION_NAME=${functionName}\0`);
    } catch {
      return false;
    }
  }).length;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function reach(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const end = (how: string) => {
      resolve(how);
      socket.destroy();
    };
    socket.once("connect", () => end("connected"));
    socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? ""));
  });
}

test.run();
