/** What a function may be, checked before it runs, and what is said of walls that are missing. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { confinementNotes } from "../../src/cli/confinement-notes.ts";
import { type EmulateOptions, emulate } from "../../src/emulator/emulate.ts";
import { mergeLayers } from "../../src/emulator/merge-layers.ts";
import { anyProgramProblem } from "../../src/emulator/programs.ts";
import { checkConfinement, notEnforced, notEnforcedLine } from "../../src/emulator/supervisor/enforcement.ts";
import { doorProblem } from "../../src/emulator/supervisor/network.ts";
import { elfNeeds } from "../../src/platform/elf-needs.ts";
import { limits } from "../../src/protocol/limits.ts";
import { rejects, suite } from "../helpers/suite.ts";

const test = suite("a function's limits:");
const root = mkdtempSync(join(tmpdir(), "bootlace-confinement-"));
const task = join(root, "task");
mkdirSync(task);
writeFileSync(join(task, "bootstrap"), "#!/bin/sh\n", { mode: 0o755 });
test.after(() => rmSync(root, { recursive: true }));

const refused: readonly (readonly [string, Partial<EmulateOptions>, RegExp])[] = [
  [
    "127 MB of memory",
    { memoryMb: 127 },
    /^Cannot use "memoryMb" of the function: it takes a whole number from 128 to 10240$/,
  ],
  ["10,241 MB of memory", { memoryMb: 10_241 }, /takes a whole number from 128 to 10240$/],
  ["half a megabyte", { memoryMb: 128.5 }, /takes a whole number from 128 to 10240$/],
  [
    "999 ms",
    { timeoutMs: 999 },
    /^Cannot use "timeoutMs" of the function: it takes a whole number from 1000 to 900000$/,
  ],
  ["901 seconds", { timeoutMs: 901_000 }, /from 1000 to 900000$/],
  ["511 MB of /tmp", { tmpMb: 511 }, /^Cannot use "tmpMb" of the function: it takes a whole number from 512 to 10240$/],
  ["10,241 MB of /tmp", { tmpMb: 10_241 }, /from 512 to 10240$/],
  [
    "4,097 bytes of variables",
    { environment: { AB: "x".repeat(4_095) } },
    /takes names and values of 4096 bytes together$/,
  ],
  ["six layers", { layers: Array(6).fill(task) }, /^A function has at most 5 layers, not 6$/],
  ["a root that is none", { root: join(root, "none") }, /^The root ".*none" is not a folder$/],
];
for (const [what, options, expected] of refused) {
  test(`${what} cannot be had, in one sentence`, async () => {
    const error = await rejects(emulate({ task, ...options }), expected);
    assert.not.match(error.message, /\n/);
  });
}

test("a network of its own needs a folder for sockets, whose paths are short", () => {
  assert.is(doorProblem("/tmp"), undefined);
  assert.match(doorProblem(`/tmp/${"a".repeat(70)}`) ?? "", /of more than 67 bytes: set TMPDIR to a shorter one$/);
});

test("a root that is no image is told before anything starts", () => {
  const nothing = join(root, "nothing");
  mkdirSync(nothing);
  assert.is(
    anyProgramProblem({ task, opt: nothing, root: nothing }),
    `"/var/task/bootstrap" wants the interpreter "/bin/sh", which does not exist in "${nothing}": is that an unpacked container image?`,
  );
});

test("the loader of a program is looked for in its root, past links that lead through it", () => {
  const [image, program] = [join(root, "image"), join(root, "program")];
  for (const folder of [join(image, "usr"), program]) mkdirSync(folder, { recursive: true });
  copyFileSync(process.execPath, join(program, "bootstrap"));
  const loader = elfNeeds(readFileSync(process.execPath)).interpreter ?? "";
  const [, folder = "", ...rest] = loader.split("/");
  // On this machine there is no such folder; in the image it is where the link says.
  symlinkSync("/usr/of-the-image", join(image, folder));
  const problem = () => anyProgramProblem({ task: program, opt: image, root: image });
  assert.match(
    problem() ?? "",
    new RegExp(`^"/var/task/bootstrap" wants the loader "${loader}", which does not exist in`),
  );
  const there = join(image, "usr/of-the-image", ...rest);
  mkdirSync(dirname(there), { recursive: true });
  writeFileSync(there, "");
  assert.is(problem(), undefined);
});

for (const options of [
  { memoryMb: 128, timeoutMs: 1_000, tmpMb: 512, environment: { AB: "x".repeat(4_094) } },
  { memoryMb: 10_240, timeoutMs: 900_000, tmpMb: 10_240, layers: Array(5).fill(task) },
]) {
  test(`${options.memoryMb} MB and the like can be had`, async () => {
    await (await emulate({ task, ...options })).close();
  });
}

test("a package and its layers may be 262,144,000 bytes together, and not one more", async () => {
  const [code, layer] = [join(root, "large"), join(root, "larger")];
  for (const folder of [code, layer]) {
    mkdirSync(join(folder, "deep"), { recursive: true });
    writeFileSync(join(folder, "deep/file"), "");
    truncateSync(join(folder, "deep/file"), limits.packageUnzippedBytesMax / 2);
  }
  symlinkSync("deep/file", join(code, "link"));
  await (await emulate({ task: code, layers: [layer] })).close();
  writeFileSync(join(layer, "one"), "x");
  await rejects(
    emulate({ task: code, layers: [layer] }),
    /^The function and its layers have 262144001 bytes unzipped, and Lambda takes 262144000: leave out what/,
  );
});

test("layers lie over each other in order, links stay links, and what is covered is told", () => {
  const [low, high] = [join(root, "low"), join(root, "high")];
  for (const folder of [low, high]) mkdirSync(join(folder, "lib"), { recursive: true });
  writeFileSync(join(low, "lib/a"), "low");
  writeFileSync(join(low, "lib/b"), "low");
  writeFileSync(join(high, "lib/a"), "high", { mode: 0o755 });
  symlinkSync("a", join(high, "lib/link"));
  symlinkSync("/opt/lib/nowhere", join(high, "dangling"));
  const opt = join(root, "merged");
  const shadowed = mergeLayers([low, high], ["low.zip", "high.zip"], opt);
  assert.equal(shadowed, [{ path: "/opt/lib/a", layer: "low.zip", by: "high.zip" }]);
  assert.is(readFileSync(join(opt, "lib/a"), "utf8"), "high");
  assert.is(readFileSync(join(opt, "lib/b"), "utf8"), "low");
  assert.is(readlinkSync(join(opt, "lib/link")), "a");
  assert.is(readlinkSync(join(opt, "dangling")), "/opt/lib/nowhere");
  // A folder where a file was, and a file where a folder was.
  const odd = join(root, "odd");
  mkdirSync(join(odd, "lib/a"), { recursive: true });
  writeFileSync(join(odd, "lib/a/inside"), "odd");
  mergeLayers([low, odd, high], ["1", "2", "3"], join(root, "merged-2"));
  assert.is(readFileSync(join(root, "merged-2/lib/a"), "utf8"), "high");
});

test("what Lambda's user cannot read is named, as the environment sees it", async () => {
  const closed = join(root, "closed");
  mkdirSync(join(closed, "lib"), { recursive: true });
  writeFileSync(join(closed, "index.mjs"), "x", { mode: 0o600 });
  writeFileSync(join(closed, "lib/open.mjs"), "x", { mode: 0o644 });
  const lambda = await emulate({ task, layers: [closed] });
  await lambda.close();
  assert.equal(lambda.lambda.unreadable, process.platform === "win32" ? [] : ["/opt/index.mjs"]);
  assert.match(
    confinementNotes(lambda.lambda).at(-1) ?? "",
    /^Lambda's user cannot read "\/opt\/index\.mjs": give everybody the right to/,
  );
});

const asked = { memoryMb: 128, tmpMb: 512, processors: "share", root: { kind: "system" }, network: "host" } as const;
const nowhere = { kind: "none", reason: "darwin has no namespaces" } as const;

test("what a machine cannot keep is said once, in one line with its reason", () => {
  const list = notEnforced({ ...asked, isolation: nowhere });
  assert.is(
    notEnforcedLine(list),
    "Not enforced on this machine: /var/task and /opt by their own paths, read-only, an unprivileged user, process ids of its own, memory, 1,024 processes, 1,024 descriptors, the size of /tmp, the share of the processor (darwin has no namespaces)",
  );
  assert.is(notEnforcedLine([]), undefined);
  const user = notEnforcedLine(notEnforced({ ...asked, isolation: { kind: "mounts", as: "user" } }));
  assert.is(user, "Not enforced on this machine: memory, the share of the processor (only root can)");
  const all = notEnforced({ ...asked, processors: "all", isolation: { kind: "mounts", as: "user" } });
  assert.equal(
    all.map(({ what }) => what),
    ["memory"],
  );
});

test("a wall that was asked for by name and cannot be built is refused", () => {
  for (const network of ["none", "nat"] as const)
    assert.throws(
      () => checkConfinement({ ...asked, network, isolation: nowhere }),
      /^Cannot give the function a network/,
    );
  const root = { kind: "image", folder: "image" } as const;
  assert.throws(() => checkConfinement({ ...asked, root, isolation: nowhere }), /^Cannot use "image" as the root/);
  checkConfinement({ ...asked, isolation: nowhere });
});

test.run();
