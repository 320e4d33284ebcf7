/** The GitHub Action, run as its runner does: the script of its step, with inputs as environment variables. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { z } from "zod";
import { parseReport } from "../../src/conformance/reports/document.ts";
import { suite } from "../helpers/suite.ts";

const root = join(import.meta.dirname, "../..");
const test = suite("the GitHub Action");

const step = z.object({
  run: z.string(),
  shell: z.string(),
  id: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
});
const action = z
  .object({
    inputs: z.record(z.string(), z.object({ description: z.string(), default: z.string() })),
    outputs: z.record(z.string(), z.object({ description: z.string(), value: z.string() })),
    runs: z.object({ using: z.literal("composite"), steps: z.tuple([step, step]) }),
  })
  .parse(parse(readFileSync(join(root, "action.yml"), "utf8")));
const [, judge] = action.runs.steps;

const runtime = (defect: string) =>
  `'${process.execPath}' '${join(root, "test/fixtures/broken-runtimes/runtime.mjs")}' "${defect}"`;

interface Ran {
  readonly status: number | null;
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly folder: string;
}

function run(
  inputs: Readonly<Record<string, string>>,
  look: (ran: Ran) => void,
  more: Readonly<Record<string, string>> = {},
): void {
  const folder = mkdtempSync(join(tmpdir(), "bootlace-test-"));
  const given = Object.entries(action.inputs).map(([name, input]) => [name, inputs[name] ?? input.default] as const);
  const variables = given.map(([name, value]) => [`INPUT_${name.toUpperCase().replaceAll("-", "_")}`, value]);
  const [output, summary] = [join(folder, "output"), join(folder, "summary")];
  for (const file of [output, summary]) writeFileSync(file, "");
  const runner = { GITHUB_ACTION_PATH: root, GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary };
  try {
    const { status, stdout, stderr } = spawnSync(
      "bash",
      ["--noprofile", "--norc", "-eo", "pipefail", "-c", judge.run],
      {
        cwd: folder,
        env: { ...process.env, ...Object.fromEntries(variables), ...runner, ...more },
        encoding: "utf8",
      },
    );
    const outputs = Object.fromEntries(
      readFileSync(output, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => line.split("=")),
    );
    look({ status, log: stdout + stderr, outputs, summary: readFileSync(summary, "utf8"), folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("hands every input to its step as a variable, never as text of the script", () => {
  const handed = Object.values(judge.env ?? {}).map((value) => /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(value)?.[1]);
  assert.equal([...handed].sort(), Object.keys(action.inputs).sort());
  assert.not.match(judge.run, "${{");
  for (const name of Object.keys(judge.env ?? {})) assert.match(judge.run, `$${name}`);
});

/** What the command is started with, told by a program in its place. */
function argumentsFor(inputs: Readonly<Record<string, string>>): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "bootlace-test-"));
  try {
    writeFileSync(join(folder, "node"), '#!/bin/sh\nprintf "<%s>\\n" "$@"\nexit 9\n', { mode: 0o755 });
    let words: readonly string[] = [];
    const hear = ({ status, log }: Ran) => {
      assert.is(status, 9, log);
      words = [...log.matchAll(/^<(.*)>$/gm)].map(([, word = ""]) => word);
    };
    run(inputs, hear, { PATH: `${folder}:${process.env.PATH}` });
    return words;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("has an input for every option of the command that says what is judged and how", () => {
  const { stdout } = spawnSync(process.execPath, [join(root, "src/cli/main.ts"), "conformance", "--help"], {
    encoding: "utf8",
  });
  const options = [...stdout.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name = ""]) => name);
  // The reports are the action's own affair; what is for looking closely is done at one's desk.
  const atHome = ["seed", "keep", "report", "html", "json", "md"];
  const inputs = options.filter((name) => !atHome.includes(name));
  assert.ok(inputs.length > 15);
  for (const name of inputs) assert.ok(name in action.inputs, name);
  const given = Object.fromEntries(inputs.map((name) => [name, name === "mounts" ? "true" : `a ${name}`]));
  const words = argumentsFor({ kind: "extension", command: "./it 'two words'", ...given });
  assert.equal(words.slice(-3), ["--", "./it", "two words"]);
  for (const name of inputs) {
    const at = words.indexOf(`--${name}`);
    assert.ok(at > 0, name);
    if (name !== "mounts") assert.is(words[at + 1], `a ${name}`);
  }
});

test("takes several variables and layers, one on each line", () => {
  const words = argumentsFor({ kind: "extension", env: "A=1\nB=two words\n", layer: "one.zip\nother" });
  const pairs = words.flatMap((word, index) =>
    word === "--env" || word === "--layer" ? [`${word} ${words[index + 1]}`] : [],
  );
  assert.equal(pairs, ["--env A=1", "--env B=two words", "--layer one.zip", "--layer other"]);
  assert.not.ok(words.includes("--mounts"));
});

test("gives every output that it promises", () => {
  run({ command: runtime("none"), only: "RT-BOOT-001", name: "mine" }, ({ status, outputs, summary, folder, log }) => {
    assert.is(status, 0, log);
    const promised = Object.values(action.outputs).map(
      ({ value }) => /steps\.judge\.outputs\.(\w+)/.exec(value)?.[1] ?? "",
    );
    assert.equal(Object.keys(outputs).sort(), promised.sort());
    assert.equal([outputs.outcome, outputs.cases, outputs.passed, outputs.failed], ["passed", "1", "1", "0"]);
    assert.match(summary, "# Conformance of mine");
    for (const name of [outputs.json, outputs.html, "conformance/junit.xml", "conformance/badge.svg"])
      assert.ok(existsSync(join(folder, name ?? "")), name);
  });
});

test("fails on a failure, annotates it, and still writes its reports", () => {
  run({ command: runtime("asks-twice"), only: "RT-BOOT-00*" }, ({ status, outputs, log, folder }) => {
    assert.is(status, 1, log);
    assert.match(log, /^::error title=RT-BOOT-001 /m);
    assert.equal([outputs.outcome, outputs.failed], ["failed", "1"]);
    const report = parseReport(readFileSync(join(folder, outputs.json ?? ""), "utf8"), "report.json");
    assert.is(report.tally.failed, 1);
  });
});

test("lets a failure pass where it is told to, and never a mistake in its inputs", () => {
  run({ command: runtime("asks-twice"), only: "RT-BOOT-001", fail: "false" }, ({ status, outputs }) =>
    assert.equal([status, outputs.outcome], [0, "failed"]),
  );
  run({ command: "./no-such-program", fail: "false" }, ({ status, log }) => {
    assert.is(status, 2, log);
    assert.match(log, "no program");
  });
});

test("is a script that Bash can read", () => {
  for (const { run: script } of action.runs.steps) execFileSync("bash", ["-n", "-c", script]);
});

test.run();
