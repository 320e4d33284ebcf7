/** The command as one file and as an executable, in an empty folder, without npm, and the second without Node: as from npm. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { buildCommand } from "../../src/layer/build-command.ts";
import { buildPackage } from "../../src/layer/build-package.ts";
import { hostArchitecture } from "../../src/layer/engine.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("without npm,");
const long = { timeoutMs: 120_000 };
const checkout = join(import.meta.dirname, "../..");
const root = mkdtempSync(join(tmpdir(), "bootlace-without-npm-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

const dist = join(root, "dist");
const [file, executable] = [join(dist, "bootlace.mjs"), join(dist, `bootlace-${hostArchitecture}`)];

interface Way {
  readonly name: string;
  readonly command: readonly string[];
  readonly folder: string;
}

/** Three ways to the same command, each with an empty folder and a home; Node is one as people install it. */
const node = join(root, "node");
copyFileSync(process.execPath, node);
const npm = way("npm", [node, installed()]);
const alone = [way("one file", [node, file]), way("executable", [executable])];
await buildCommand(dist, [hostArchitecture]);

function way(name: string, command: readonly string[]): Way {
  const folder = join(root, name.replace(" ", "-"));
  mkdirSync(folder);
  return { name, command, folder };
}

/** The published package with its dependencies beside it, as npm lays them. */
function installed(): string {
  const modules = join(root, "installed", "node_modules");
  mkdirSync(modules, { recursive: true });
  const dependencies: Readonly<Record<string, string>> = JSON.parse(
    readFileSync(join(checkout, "package.json"), "utf8"),
  ).dependencies;
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(checkout, "node_modules", name), join(modules, name));
  }
  return join(modules, "bootlace", "bootlace.js");
}
await buildPackage(join(root, "installed", "node_modules", "bootlace"), "untyped");

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Nothing of ours but a home, whose name has spaces: the path leads nowhere, so neither npm nor Node is found. */
function environmentOf({ name }: Way) {
  return { HOME: join(root, `home of ${name}`), TMPDIR: root, PATH: "/nonexistent" };
}

function run(way: Way, args: readonly string[], more: Readonly<Record<string, string>> = {}): Ran {
  const [command = "", ...first] = way.command;
  const { status, stdout, stderr } = spawnSync(command, [...first, ...args], {
    cwd: way.folder,
    env: { ...environmentOf(way), ...more },
    encoding: "utf8",
    maxBuffer: 50_000_000,
  });
  return { code: status, stdout, stderr };
}

/** What a command says in JSON, which has to end well. */
function told(way: Way, ...args: readonly string[]) {
  const { code, stdout, stderr } = run(way, [...args, "--json"]);
  assert.is(code, 0, `${way.name}: ${args.join(" ")}\n${stderr}`);
  return JSON.parse(stdout);
}

/** The same, of everything that must not differ between the three. */
function sameOfAll(say: (way: Way) => unknown): void {
  const expected = say(npm);
  for (const way of alone) assert.equal(say(way), expected, way.name);
}

const keptBy = (way: Way) => join(environmentOf(way).HOME, ".cache", "bootlace");

test("it says the same of itself, and unpacks nothing for that", () => {
  sameOfAll((way) => [
    run(way, ["--version"]),
    run(way, ["--help"]),
    run(way, ["conformance", "list"]),
    run(way, ["demmo"]),
  ]);
  assert.not.ok(
    alone.some(
      (way) => existsSync(keptBy(way)) && readdirSync(keptBy(way)).some((name) => name.startsWith("package-")),
    ),
  );
});

test(
  "the first command shows an invocation",
  () => {
    sameOfAll((way) => {
      const { built, phases, response, functionError } = told(way, "demo");
      const names = phases.map(({ phase }: { readonly phase: string }) => phase);
      const { statusCode, headers } = response;
      return [built.map(({ what }: { readonly what: string }) => what), names, statusCode, headers, functionError];
    });
  },
  long,
);

test(
  "a new function runs, is built to the same bytes, and gets the same diagnosis",
  () => {
    sameOfAll((way) => {
      const { files } = told(way, "new", "function", "greets");
      const invoked = run(way, ["invoke", "greets", "--event", "greets/event.json"]);
      const { message } = JSON.parse(invoked.stdout);
      const { sha256, unzippedBytes } = told(way, "build", "function", "greets", "--out", "function.zip", "--no-cache");
      const doctor = run(way, ["doctor", "function.zip", "--runtime", "managed", "--json"]);
      return [files, message, sha256, unzippedBytes, doctor.code, doctor.stdout];
    });
  },
  long,
);

test(
  "a new runtime is built to the same bytes and judged the same, and a new extension is built",
  () => {
    sameOfAll((way) => {
      told(way, "new", "runtime", "shell");
      told(way, "new", "extension", "tells");
      const runtime = told(way, "build", "runtime", "shell/bootstrap.ts", "--name", "shell", "--on-layer");
      const extension = told(way, "build", "extension", "tells/extension.ts", "--name", "tells");
      const judged = told(
        way,
        ...["conformance", "run", "runtime", "--layer", "dist/shell.zip", "--task", "shell/conformance"],
        ...["--only", "RT-INV-00*", "--level", "must"],
      );
      const { entries } = extension[0];
      // Its bytes name the places of its sources, which differ.
      const paths = entries.map(({ path }: { readonly path: string }) => path);
      return [runtime[0].sha256, paths, judged.tally];
    });
  },
  long,
);

test(
  "what happened is kept and shown again",
  () => {
    for (const way of alone) {
      told(way, "new", "function", "kept");
      assert.is(run(way, ["invoke", "kept", "--journal", "journal"]).code, 0);
      assert.match(run(way, ["replay", "journal"]).stdout, /Invoke/);
      assert.is(run(way, ["faults", "hostile"]).stdout, run(npm, ["faults", "hostile"]).stdout);
    }
  },
  long,
);

test(
  "an Invoke API answers, and ends with a signal",
  async () => {
    for (const way of alone) {
      const [command = "", ...first] = way.command;
      told(way, "new", "function", "serves");
      const child = spawn(command, [...first, "dev", "serves", "--port", "0"], {
        cwd: way.folder,
        env: environmentOf(way),
        stdio: ["ignore", "pipe", "ignore"],
      });
      const url = await addressIn(child);
      const answer = await fetch(`${url}/2015-03-31/functions/function/invocations`, {
        method: "POST",
        body: '{"name":"Ada"}',
      });
      assert.match(await answer.text(), /Hello, Ada/, way.name);
      child.kill("SIGTERM");
      const [code] = await once(child, "exit");
      assert.is(code, 143, way.name);
    }
  },
  long,
);

/** The address that `dev` prints. */
function addressIn({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    stdout?.on("data", (chunk) => {
      said += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+(?=\D)/.exec(said)?.[0];
      if (found !== undefined) resolve(found);
    });
    stdout?.once("end", () => reject(new Error(`No address in "${said}"`)));
  });
}

test(
  "several that unpack at once get in nobody's way, and leave nothing behind",
  async () => {
    for (const way of alone) {
      const home = join(root, `crowd of ${way.name}`);
      const [command = "", ...first] = way.command;
      const env = { ...environmentOf(way), XDG_CACHE_HOME: home };
      const children = Array.from({ length: 4 }, () =>
        spawn(command, [...first, "faults", "hostile"], { cwd: way.folder, env, stdio: "ignore" }),
      );
      const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0]));
      assert.equal(codes, [0, 0, 0, 0], way.name);
      const licences = Array.from({ length: 4 }, () =>
        spawn(command, [...first, "--licenses"], { cwd: way.folder, env, stdio: "ignore" }),
      );
      assert.equal(await Promise.all(licences.map(async (child) => (await once(child, "exit"))[0])), [0, 0, 0, 0]);
      const kept = readdirSync(join(home, "bootlace"));
      const kinds = kept.map((name) => name.replace(/-.*/, "")).sort();
      assert.equal(kinds, way.name === "executable" ? ["command", "node", "package"] : ["package"]);
    }
  },
  long,
);

test("without a home it keeps things in the folder for temporary files, and says where it could not", () => {
  for (const way of alone) {
    const homeless = { HOME: "/dev/null" };
    const temporary = join(root, `temporary files of ${way.name}`);
    mkdirSync(temporary);
    assert.is(run(way, ["--licenses"], { ...homeless, TMPDIR: temporary }).code, 0);
    assert.equal(readdirSync(temporary), [`bootlace-${process.getuid?.()}`]);
    const { code, stderr } = run(way, ["--licenses"], { ...homeless, TMPDIR: "/dev/null" });
    assert.is(code, 2);
    assert.match(
      stderr,
      /^bootlace: Cannot keep what is made once for all runs.*set XDG_CACHE_HOME to a folder.*\.\n$/,
    );
  }
});

test("a folder for temporary files in which somebody else may write is not trusted", () => {
  const temporary = join(root, "open to all");
  const planted = join(temporary, `bootlace-${process.getuid?.()}`);
  mkdirSync(planted, { recursive: true });
  chmodSync(planted, 0o777);
  for (const way of alone)
    assert.is(run(way, ["--licenses"], { HOME: "/dev/null", TMPDIR: temporary }).code, 2, way.name);
});

test("the licences of everything inside can be read", () => {
  for (const way of alone) {
    const { stdout } = run(way, ["--licenses"]);
    for (const name of ["zod", "yauzl", "esbuild", "@opentelemetry/resources", "@esbuild/linux-arm64", "pako"])
      assert.ok(stdout.includes(`\n${name}`), `${way.name}: ${name}`);
    assert.is(stdout.includes("Node.js is licensed for use as follows"), way.name === "executable");
  }
  assert.ok(readFileSync(join(dist, "bootlace.licenses.txt"), "utf8").includes("\nzod"));
});

test("a Node that is too old is named, and the one that is needed", () => {
  const old = `data:text/javascript,Object.defineProperty(process.versions, "node", { value: "20.20.2" })`;
  const { status, stderr } = spawnSync(process.execPath, ["--import", old, file, "--version"], { encoding: "utf8" });
  assert.is(status, 2);
  assert.match(stderr, /^bootlace: Node v\S+ is too old: install 22.19 or newer.\n$/);
});

test("a runtime for the other architecture needs npm or the other executable, which is said", () => {
  const other = hostArchitecture === "arm64" ? "x86_64" : "arm64";
  const [, executableWay] = alone;
  assert.ok(executableWay);
  told(executableWay, "new", "runtime", "foreign");
  const build = ["build", "runtime", "foreign/bootstrap.ts", "--arch", other];
  const { code, stderr } = run(executableWay, build);
  assert.is(code, 2);
  assert.match(stderr, new RegExp(`there is no npm: put "bootlace-${other}" of the same release beside this program`));
});

test("an executable that was cut off says so", () => {
  const cut = join(root, "cut");
  const whole = readFileSync(executable);
  writeFileSync(cut, whole.subarray(0, whole.length - 1_000), { mode: 0o755 });
  const { status, stderr } = spawnSync(cut, ["--version"], { encoding: "utf8", env: { HOME: join(root, "cut home") } });
  assert.is(status, 2);
  assert.match(
    stderr,
    /^bootlace: Cannot read ".*": this is only part of an executable of Bootlace, fetch it again\.\n$/,
  );
});

test(
  "a second build makes the same bytes",
  async () => {
    const again = join(root, "again");
    await buildCommand(again, [hostArchitecture]);
    for (const name of readdirSync(dist))
      assert.ok(readFileSync(join(dist, name)).equals(readFileSync(join(again, name))), name);
    // A gigabyte by now: gone before the file has to have ended.
    rmSync(root, { recursive: true, force: true });
  },
  long,
);

test.run();
