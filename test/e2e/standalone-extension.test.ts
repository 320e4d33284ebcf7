/** Extensions with a Node of their own: every one that is shipped, and one that awaits at its top and exports nothing. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import * as assert from "uvu/assert";
import { manifest } from "../../layer/manifest.ts";
import { bundleProgram } from "../../src/layer/bundle-program.ts";
import { hostArchitecture } from "../../src/layer/engine.ts";
import { unpackZip } from "../../src/platform/archive-unpack.ts";
import { limits } from "../../src/protocol/limits.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("a standalone extension");
const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "bootlace-standalone-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const long = { timeoutMs: 180_000 };

/** No program is found on the path, so neither is Node. */
function cli(...args: readonly string[]) {
  const env = { ...process.env, PATH: "/nonexistent" };
  return spawnSync(process.execPath, [join(root, "src/cli/main.ts"), ...args], { cwd: folder, encoding: "utf8", env });
}

async function built(name: string, entry: string): Promise<string> {
  const made = spawnSync(
    process.execPath,
    [join(root, "src/cli/main.ts"), "build", "extension", entry, "--name", name, "--standalone", "--out", folder],
    { encoding: "utf8" },
  );
  assert.is(made.status, 0, made.stderr);
  assert.match(made.stdout, /\n {2}\d+\.\d MB remain for the function and its other layers\n/);
  const opt = join(folder, name);
  const limit = { unzippedBytesMax: limits.packageUnzippedBytesMax };
  await unpackZip(join(folder, `${name}-${hostArchitecture}.zip`), opt, limit);
  return opt;
}

for (const name of manifest.shippedExtensions)
  test(
    `"${name}" registers, gets its events and ends in time`,
    async () => {
      const opt = await built(name, name);
      const only = ["--level", "must", "--time-scale", "3", "--jobs", "4"];
      const judged = cli("conformance", "run", "extension", "--opt", opt, ...only, "--json");
      const { tally } = JSON.parse(judged.stdout);
      assert.ok(tally.passed > 0 && tally.failed === 0, judged.stdout);
      const beside = name === "recorder";
      assert.is(existsSync(join(opt, "bootlace/record")), beside);
    },
    long,
  );

test(
  "that throws while it is loaded tells Lambda why",
  async () => {
    const source = `const late = await Promise.reject(new TypeError("no table")); export const extension = late;`;
    writeFileSync(join(folder, "broken.mjs"), source);
    const opt = await built("broken", join(folder, "broken.mjs"));
    const told = new Map<string, string>();
    const server = createServer(async (request, response) => {
      told.set(request.url ?? "", await text(request));
      response.setHeader("lambda-extension-identifier", "1").end("{}");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    // as: it listens on a port.
    const authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const env = { AWS_LAMBDA_RUNTIME_API: authority };
    const child = spawn(join(opt, "extensions/broken"), [], { env, stdio: "ignore" });
    const [code] = await once(child, "exit");
    server.close();
    assert.is(code, 1);
    assert.ok(told.has("/2020-01-01/extension/register"));
    assert.match(told.get("/2020-01-01/extension/init/error") ?? "", /"errorMessage":"no table"/);
  },
  long,
);

test(
  "one that leaves no room for a function is refused",
  () => {
    const entry = join(folder, "large.mjs");
    mkdirSync(join(folder, "big"), { recursive: true });
    writeFileSync(entry, `export const extension = { events: [], text: ${JSON.stringify("x".repeat(160_000_000))} };`);
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(root, "src/cli/main.ts"), "build", "extension", entry, "--standalone", "--out", folder],
      { encoding: "utf8" },
    );
    assert.is(status, 2);
    assert.match(stderr, /unzips to \d+ bytes and 262144000 are allowed/);
  },
  long,
);

const run = (code: Uint8Array) => {
  const file = join(folder, "program.cjs");
  writeFileSync(file, code);
  return spawnSync(process.execPath, [file], { encoding: "utf8" });
};

test("becomes a script that awaits, imports what is built in in every way, exports nothing, and knows its place", async () => {
  const entry = join(folder, "program.mjs");
  writeFileSync(
    entry,
    `import fs, { readFileSync } from "node:fs";
     import * as path from "path";
     import { createRequire } from "node:module";
     const { sep } = await import("node:path");
     export const exported = await Promise.resolve("awaited");
     const required = createRequire(import.meta.url)("node:os");
     console.log(exported, fs.readFileSync === readFileSync, path.sep === sep, typeof required.EOL, import.meta.filename);
     const strict = (function () { return this === undefined; })();
     if (!strict) throw new Error("sloppy");`,
  );
  const { stdout, stderr } = run((await bundleProgram(entry)).code);
  assert.is(stdout, `awaited true true string ${join(folder, "program.cjs")}\n`, stderr);
});

test("and one that fails at its top ends with a status and a stack", async () => {
  const entry = join(folder, "fails.mjs");
  writeFileSync(entry, `await Promise.resolve(); throw new RangeError("at the top");`);
  const { status, stderr } = run((await bundleProgram(entry)).code);
  assert.is(status, 1);
  assert.match(stderr, /RangeError: at the top/);
});

test.run();
