/** `bootlace new` as a stranger meets it: the packed package, installed by npm, and the commands of each README. */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { runtimeProject } from "../../src/cli/new/runtime-project.ts";
import { buildPackage } from "../../src/layer/build-package.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("a new project");
const checkout = join(import.meta.dirname, "../..");
const root = mkdtempSync(join(tmpdir(), "bootlace-new-"));
// Hundreds of megabytes in thousands of files: nobody waits for that.
test.after(() => spawn("rm", ["-rf", root], { detached: true, stdio: "ignore" }).unref());

/** The Node that the lockfile pins is the one a stranger has. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
const run = async (command: string, cwd: string): Promise<string> => {
  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", command], { cwd, env, maxBuffer: 1e8 }).catch(
    (error) => {
      throw new Error(`"${command}" failed: ${error.stdout}${error.stderr}`);
    },
  );
  return stdout + stderr;
};

await buildPackage(join(root, "package"));
const tarball = join(root, (await run("npm pack --silent ./package", root)).trim());
mkdirSync(join(root, "tool"));
writeFileSync(join(root, "tool/package.json"), "{}");
writeFileSync(join(root, "tool/.npmrc"), readFileSync(join(checkout, ".npmrc")));
await run(`npm install --no-audit --no-fund ${tarball}`, join(root, "tool"));

async function begun(kind: string, name: string): Promise<string> {
  const folder = join(root, name);
  const said = await run(`tool/node_modules/.bin/bootlace new ${kind} ${name}`, root);
  assert.match(said, "npm install");
  await run("npm install --no-audit --no-fund", folder);
  return folder;
}

/** The commands of its README, as they stand there. */
function commandsOf(folder: string): readonly string[] {
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  return [...readme.matchAll(/^\| `([^`]+)` \|/gm)].map(([, command = ""]) => command);
}

test(
  "function runs, tests itself and builds",
  async () => {
    const folder = await begun("function", "hello");
    assert.equal(commandsOf(folder), ["npm start", "npm run dev", "npm test", "npm run build"]);
    assert.match(await run("npm start", folder), '{"message":"Hello, Ada!"');
    assert.match(await run("npm test", folder), /pass 1/);
    await run("npm run build", folder);
    assert.ok(existsSync(join(folder, "dist/function.zip")));
  },
  { timeoutMs: 280_000 },
);

test(
  "runtime runs, conforms and builds",
  async () => {
    const folder = await begun("runtime", "my-shell");
    assert.equal(commandsOf(folder), ["npm start", "npm test", "npm run build", "npm run build:standalone"]);
    assert.match(await run("npm start", folder), '{"hello":{ "name": "Ada" }}');
    assert.match(await run("npm test", folder), /cases: \d+ passed, 0 failed, 1 known/);
    assert.ok(existsSync(join(folder, "dist/my-shell.zip")));
  },
  { timeoutMs: 280_000 },
);

test(
  "extension runs beside a function and conforms",
  async () => {
    const folder = await begun("extension", "my-telemetry");
    assert.equal(commandsOf(folder), ["npm start", "npm test", "npm run build", "npm run build:standalone"]);
    assert.match(await run("npm start", folder), /\[my-telemetry\] [-\w]+: [\d.]+ ms, \d+ MB, 1 lines/);
    assert.match(await run("npm test -- --only 'EXT-TEL*'", folder), /cases: \d+ passed, 0 failed, 0 known/);
  },
  { timeoutMs: 280_000 },
);

test("runtime begins as the example does", () => {
  const { files } = runtimeProject("x", "1");
  const same = (path: string, file: string) => assert.is(files[path], readFileSync(join(checkout, file), "utf8"), path);
  same("bootstrap.ts", "examples/runtime-shell/bootstrap.ts");
  same("function/hello.sh", "examples/runtime-shell/hello.sh");
  for (const file of readdirSync(join(checkout, "test/fixtures/runtimes/shell")))
    same(`conformance/${file}`, `test/fixtures/runtimes/shell/${file}`);
});

test(
  "is refused where there is something already",
  async () => {
    const said = await run(
      "mkdir -p full && touch full/x && ! tool/node_modules/.bin/bootlace new function full",
      root,
    );
    assert.match(said, /"full" is not empty/);
    const bad = await run("! tool/node_modules/.bin/bootlace new function 'Bad Name'", root);
    assert.match(bad, /small letters, digits and hyphens/);
  },
  { timeoutMs: 280_000 },
);

test.run();
