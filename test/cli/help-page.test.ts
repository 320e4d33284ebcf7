/** Help in a narrow terminal, and where it is asked for. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import * as assert from "uvu/assert";
import type { Command } from "../../src/cli/command.ts";
import { command as build } from "../../src/cli/commands/build.ts";
import { command as conformance } from "../../src/cli/commands/conformance.ts";
import { command as demo } from "../../src/cli/commands/demo.ts";
import { command as dev } from "../../src/cli/commands/dev.ts";
import { command as doctor } from "../../src/cli/commands/doctor.ts";
import { command as faults } from "../../src/cli/commands/faults.ts";
import { command as invoke } from "../../src/cli/commands/invoke.ts";
import { command as newProject } from "../../src/cli/commands/new.ts";
import { command as replay } from "../../src/cli/commands/replay.ts";
import { command as rie } from "../../src/cli/commands/rie.ts";
import { failureOf } from "../../src/cli/failure.ts";
import { fitted } from "../../src/cli/help-page.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("help");

const root = mkdtempSync(join(tmpdir(), "help-page-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

const main = join(import.meta.dirname, "../../src/cli/main.ts");
/** The command reads five hundred modules, and all that are started here read the same. */
const env = { ...process.env, NODE_COMPILE_CACHE: root };
async function said(...args: readonly string[]) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"], env });
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { status, stdout, stderr };
}

for (const { name, help } of [build, conformance, demo, dev, doctor, faults, invoke, newProject, replay, rie])
  test(`of "bootlace ${name}" fits into 80 columns, but for lines that are to be typed, and has examples`, () => {
    const wide = fitted(help, 80)
      .split("\n")
      .filter((line) => line.length > 80);
    assert.equal(
      wide.filter((line) => !/^ {2}(bootlace|curl|echo) \S/.test(line)),
      [],
    );
    assert.match(help, /^ {2}bootlace \w/m);
    // The command line of rie is the official emulator's.
    assert.is(help.includes("--json"), name !== "rie");
  });

test("fills paragraphs, hangs second columns, and leaves what is typed alone", () => {
  const source = [
    "bootlace do THING [options]",
    "",
    "Text that was broken",
    "where its author did, goes on.",
    "",
    "  --option NAME  says a long thing about itself  [value]",
    "  --an-option-that-is-long NAME  says something",
    "",
    "  bootlace do this --and that --and something else",
  ].join("\n");
  assert.is(
    fitted(source, 36),
    [
      "bootlace do THING [options]",
      "",
      "Text that was broken where its",
      "author did, goes on.",
      "",
      "  --option NAME  says a long thing",
      "                 about itself",
      "                 [value]",
      "  --an-option-that-is-long NAME",
      "      says something",
      "",
      "  bootlace do this --and that --and something else",
    ].join("\n"),
  );
});

test("is there for -h, after help, and of a part of a command", async () => {
  const overview = (await said("--help")).stdout;
  assert.match(overview, /bootlace invoke/);
  assert.is((await said("-h")).stdout, overview);
  assert.is((await said()).stdout, overview);
  assert.is((await said("help", "invoke")).stdout, (await said("invoke", "--help")).stdout);
  const part = (await said("build", "runtime", "--help")).stdout;
  assert.is((await said("help", "build", "runtime")).stdout, part);
  assert.match(part, /^bootlace build runtime ENTRY/);
  assert.not.match(part, /build function DIR/);
});

test("is not asked for by an argument of a program that is started", async () => {
  assert.match((await said("rie", "./nowhere", "--help")).stderr, /no program ".\/nowhere"/);
  const judged = await said("conformance", "run", "runtime", "--", "./nowhere", "--help");
  assert.match(judged.stderr, /no program ".\/nowhere"/);
});

const mistakes: readonly (readonly [Command, readonly string[], RegExp])[] = [
  [demo, ["mine"], /^"demo" shows its own example: run yours with "bootlace invoke mine"\.$/],
  [newProject, [], /^Say what to begin: function, runtime, extension: "bootlace new --help" shows how\.$/],
  [newProject, ["function"], /^Name the project, such as "bootlace new function my-function"\.$/],
  [build, ["extension", "oltp"], /^The file "oltp" does not exist, did you mean "otlp"\?$/],
  [faults, ["hostil"], /^The fault plan "hostil" does not exist, did you mean "hostile"\?$/],
  [conformance, ["lst"], /did you mean "list"\?$/],
  [conformance, ["run", "runtim"], /did you mean "run runtime"\?$/],
  [conformance, ["matrix", "nowhere.json"], /^The report "nowhere.json" does not exist\.$/],
  [conformance, ["run", "runtime", "--layer", "nowhere.zip"], /^The layer "nowhere.zip" does not exist\.$/],
  [conformance, ["run", "runtime", "--layer", "x", "--", "sh"], /^Option "--layer" says what is run: leave out the/],
];
for (const [command, args, message] of mistakes)
  test(`is not needed after "bootlace ${[command.name, ...args].join(" ")}", which is answered in a sentence`, async () => {
    const failure = await command.run(args, new AbortController().signal).then(() => undefined, failureOf);
    assert.match(failure?.message ?? "", message);
    assert.is(failure?.exitCode, 2);
  });

test("says what may come before a command", async () => {
  const mistyped = await said("--verison");
  assert.match(mistyped.stderr, /^bootlace: There is no option "--verison", did you mean "--version"\?/);
  assert.is(mistyped.status, 2);
  assert.match(
    (await said("--json")).stderr,
    /^bootlace: There is no option "--json" before a command: "bootlace --help" lists/,
  );
  assert.match((await said("help", "invok")).stderr, /There is no command "invok", did you mean "invoke"\?/);
});

test.run();
