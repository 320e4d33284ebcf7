/** Each named mutant of the core, in a copy of what it needs, must fail the core's own tests or the search. */
import { spawn } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { mutants as coreMutants, type Mutant } from "./core-mutants.ts";
import { telemetryMutants } from "./telemetry-mutants.ts";

/** Nonsense is code that no Node can run, which proves nothing. */
type Outcome = "passed" | "failed" | "nonsense";

const test = suite("mutants:");
const mutants = [...coreMutants, ...telemetryMutants];

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "bootlace-mutants-"));
const copied = ["src/core", "src/protocol", "src/simulation", "test/core", "test/simulation", "test/helpers"];

/** A mutant may make a loop endless; that is noticed too. */
const runTimeoutMs = 30_000;

/** Imports every test of the core, the search last, and stops at the first suite that fails. */
const main = `
  globalThis.UVU_DEFER = true;
  globalThis.UVU_QUEUE = [[null]];
  for (const file of process.argv.slice(2)) await import(file);
  const { exec } = await import("uvu");
  await exec(true);
`;

test("are as many as there are decisions, and each has a name of its own", () => {
  assert.ok(mutants.length >= 40, `${mutants.length} mutants`);
  assert.is(new Set(mutants.map((mutant) => mutant.name)).size, mutants.length);
});

test("their text occurs once in the core", () => {
  const lost = mutants.filter(({ file, find }) => readFileSync(join(root, file), "utf8").split(find).length !== 2);
  assert.equal(lost.map(say), []);
});

test("the core without a mutant passes", async () => assert.is(await outcomeIn(copy("none")), "passed"), {
  timeoutMs: 60_000,
});

test(
  "none survives",
  async () => {
    const survivors: Mutant[] = [];
    const queue = mutants.values();
    const lane = async (place: string) => {
      for (const mutant of queue) if (!(await killed(mutant, place))) survivors.push(mutant);
    };
    await Promise.all([lane(copy("first")), lane(copy("second"))]);
    assert.equal(survivors.map(say), []);
  },
  { timeoutMs: 540_000 },
);

test.after(() => rmSync(folder, { recursive: true }));

test.run();

/** Mutants that are nonsense count as survivors. */
async function killed({ file, find, replace }: Mutant, place: string): Promise<boolean> {
  const path = join(place, file);
  const source = readFileSync(path, "utf8");
  writeFileSync(
    path,
    source.replace(find, () => replace),
  );
  const outcome = await outcomeIn(place);
  writeFileSync(path, source);
  return outcome === "failed";
}

function copy(name: string): string {
  const place = join(folder, name);
  for (const path of copied) cpSync(join(root, path), join(place, path), { recursive: true });
  cpSync(join(root, "docs/state-diagram.md"), join(place, "docs/state-diagram.md"));
  writeFileSync(join(place, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(place, "main.mjs"), main);
  symlinkSync(join(root, "node_modules"), join(place, "node_modules"));
  return place;
}

/** The compile cache spares each run the types of all the files that are as they were: 50 ms instead of 130. */
function outcomeIn(place: string): Promise<Outcome> {
  const tests = (pattern: string) => globSync(pattern, { cwd: place });
  const files = [...tests("test/core/*.test.ts"), ...tests("test/simulation/*.test.ts")].map((file) => `./${file}`);
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["main.mjs", ...files], {
      cwd: place,
      env: { ...process.env, NODE_COMPILE_CACHE: join(place, "cache") },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: runTimeoutMs,
      killSignal: "SIGKILL",
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("close", (code) =>
      resolve(/SyntaxError|is not defined/.test(output) ? "nonsense" : code === 0 ? "passed" : "failed"),
    );
  });
}

function say({ file, name }: Mutant): string {
  return `${file}: ${name}`;
}
