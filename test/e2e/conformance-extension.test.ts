import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { extensionCases } from "../../src/conformance/cases/catalogue.ts";
import { absoluteCommand } from "../../src/conformance/command-line.ts";
import { conformExtension } from "../../src/conformance/run-extension.ts";
import { parseWireTranscript } from "../../src/protocol/schema/wire-transcript.ts";
import { expected, verdicts } from "../conformance/expected.ts";
import { judgeTestExtension, ourExtension } from "../conformance/subjects.ts";
import { skip, suite } from "../helpers/suite.ts";

const test = suite("every case for extensions");
const patient = { timeoutMs: 180_000 };
const root = join(import.meta.dirname, "../..");
const quick = extensionCases.filter(({ slow }) => slow !== true);
const plain = extensionCases.filter(({ declares }) => declares === undefined);

test(
  "passes the extension that this package ships",
  async () => {
    const results = await conformExtension({ subject: ourExtension(), cases: plain, jobs: 4 });
    assert.equal(verdicts(results), expected(plain, undefined));
  },
  patient,
);

test(
  "passes the small extension without a defect",
  async () => {
    assert.equal(verdicts(await judgeTestExtension("none", quick)), expected(quick, undefined));
  },
  patient,
);

test(
  "passes an extension on our SDK that fails where it is asked to",
  async () => {
    const subject = ourExtension("sdk-extension", "test/fixtures/extensions/sdk-extension.ts");
    const cases = quick.filter(({ declares }) => declares === undefined || declares === "failures");
    const results = await conformExtension({ subject, cases, declared: ["failures"], jobs: 4 });
    assert.equal(verdicts(results), expected(cases, undefined));
  },
  patient,
);

/** Written in other languages, and started in other ways. */
for (const [name, program, ...others] of [
  ["shell-extension.sh", "sh", "curl"],
  ["python_extension.py", "python3"],
] as const) {
  const missing = [program, ...others].filter((needed) => !isThere(needed));
  if (missing.length > 0) {
    test(`passes ${name}`, () => skip(`there is no ${missing.join(", ")} here`));
    continue;
  }
  test(
    `passes ${name}`,
    async () => {
      const file = join(root, "test/fixtures/extensions", name);
      const subject = {
        name,
        folders: "paths",
        command: absoluteCommand([program, file], process.env.PATH ?? ""),
      } as const;
      const cases = quick.filter(({ declares }) => declares === undefined || declares === "failures");
      const results = await conformExtension({ subject, cases, declared: ["failures"], jobs: 4 });
      assert.equal(verdicts(results), expected(cases, undefined));
    },
    patient,
  );
}

const broken = ["node", "test/fixtures/broken-extensions/extension.mjs", "another-label"];
for (const [options, command, status, lastLine] of [
  [
    ["--file-name", "broken-extension", "--only", "EXT-REG-00*"],
    broken,
    1,
    /^ {2}.*EXT-REG-004|^9 cases: 7 passed, 1 failed/m,
  ],
  [["--only", "EXT-REG-00*"], broken, 2, /^$/],
  [["--file-name", "x", "--declare", "streaming"], broken, 2, /^$/],
  [["--file-name", "x", "--env", "no-pair"], broken, 2, /^$/],
  [["--opt", "no-such-folder"], [], 2, /^$/],
  [["--opt", "layer"], broken, 2, /^$/],
] as const) {
  test(
    `"bootlace conformance run extension ${options.join(" ")} -- ${command.join(" ")}" ends with ${status}`,
    () => {
      const ended = conformance(options, command);
      assert.is(ended.status, status, ended.stdout + ended.stderr);
      assert.match(ended.stdout, lastLine);
    },
    patient,
  );
}

test(
  "runs cases in the order of a seed, reports them in the catalogue's, and keeps what was seen",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "bootlace-test-"));
    try {
      const run = (seed: string) =>
        conformance(
          ["--file-name", "lifecycle", "--only", "EXT-REG-00*", "--seed", seed, "--keep", join(folder, "kept")].concat(
            `--report=json=${join(folder, "report")}`,
          ),
          ["./bootstrap", "--extension", "lifecycle", "extensions/lifecycle/index.ts"],
        ).stdout;
      const [one, again, other] = [run("5"), run("5"), run("6")];
      assert.is(one, again);
      assert.is.not(one, other);
      const { results } = JSON.parse(readFileSync(join(folder, "report"), "utf8"));
      const ids = results.map(({ id }: { id: string }) => id);
      assert.equal(ids, [...ids].sort());
      const wire = readFileSync(join(folder, "kept/EXT-REG-002/wire.jsonl"), "utf8");
      const [first, ...exchanges] = parseWireTranscript(wire);
      assert.is(first?.wire, "transcript");
      const heads = exchanges.map((line) => line.wire === "exchange" && line.request.head[0]);
      assert.ok(heads.includes("POST /2020-01-01/extension/register HTTP/1.1"), wire);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  patient,
);

test(
  "writes what it has when it is interrupted",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "bootlace-test-"));
    try {
      const options = ["--file-name", "lifecycle", `--report=json=${join(folder, "report")}`];
      const subject = ["./bootstrap", "--extension", "lifecycle", "extensions/lifecycle/index.ts"];
      const words = ["conformance", "run", "extension", ...options, "--", ...subject];
      const child = spawn(process.execPath, [join(root, "src/cli/main.ts"), ...words], {
        cwd: root,
        stdio: ["ignore", "pipe", "inherit"],
      });
      child.stdout.once("data", () => child.kill("SIGINT"));
      const [status] = await once(child, "exit");
      assert.is(status, 130);
      const document = JSON.parse(readFileSync(join(folder, "report"), "utf8"));
      assert.ok(document.interrupted && document.results.length > 0 && document.results.length < 41);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  patient,
);

function conformance(options: readonly string[], command: readonly string[]) {
  const words = ["conformance", "run", "extension", ...options, "--", ...command];
  return spawnSync(process.execPath, [join(root, "src/cli/main.ts"), ...words], { cwd: root, encoding: "utf8" });
}

function isThere(program: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

test.run();
