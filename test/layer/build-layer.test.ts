import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { buildBootstrap } from "../../src/layer/build-bootstrap.ts";
import { buildLayer, type LayerOptions } from "../../src/layer/build-layer.ts";
import { readZip } from "../../src/platform/archive-read.ts";
import { rejects, suite } from "../helpers/suite.ts";
import { standInEngine } from "./stand-in-engine.ts";

const test = suite("buildLayer()");
const root = mkdtempSync(join(tmpdir(), "bootlace-layer-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

const engine = standInEngine(join(root, "engine"));
const entry = program("one.cjs", 'console.log("one")');

test("puts the bootstrap, the extensions, the licences and the notes where Lambda and people look", async () => {
  const outFile = join(root, "places.zip");
  const built = await buildLayer(options({ outFile, extensions: ["lifecycle"] }));
  const entries = await readZip(outFile, { unzippedBytesMax: 1_000_000 });
  const modes = entries.map((found) => [found.path, found.type === "file" ? found.mode.toString(8) : found.type]);
  assert.equal(modes, [
    ["LICENSES/bootlace.txt", "644"],
    ["LICENSES/node.txt", "644"],
    ["bootlace/README.txt", "644"],
    ["bootlace/extensions/lifecycle.mjs", "644"],
    ["bootstrap", "755"],
    ["extensions/lifecycle", "755"],
  ]);
  const text = (path: string) => {
    const found = entries.find((candidate) => candidate.path === path);
    return found?.type === "file" ? Buffer.from(found.content).toString("latin1") : "";
  };
  assert.match(text("LICENSES/node.txt"), /Node\.js is licensed for use as follows/);
  assert.match(text("bootstrap"), /NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1/);
  assert.match(text("bootstrap"), /console\.log\("one"\)/);
  const zip = readFileSync(outFile);
  assert.is(built.zippedBytes, zip.byteLength);
  assert.is(
    built.unzippedBytes,
    entries.reduce((sum, found) => sum + (found.type === "file" ? found.content.byteLength : 0), 0),
  );
  assert.is(built.sha256, createHash("sha256").update(zip).digest("hex"));
});

test("makes the same bytes in two builds that share nothing", async () => {
  const one = await buildLayer(options({ outFile: join(root, "same-1.zip"), cacheDirectory: join(root, "cache-1") }));
  const two = await buildLayer(options({ outFile: join(root, "same-2.zip"), cacheDirectory: join(root, "cache-2") }));
  assert.equal([one.from, two.from], ["build", "build"]);
  assert.is(one.sha256, two.sha256);
});

test("gives the layer of an earlier build, and a new one when the program or the level changes", async () => {
  const cacheDirectory = join(root, "cache-hits");
  const build = async (changes: Partial<LayerOptions>) =>
    (await buildLayer(options({ outFile: join(root, "hits.zip"), cacheDirectory, ...changes }))).from;
  assert.is(await build({}), "build");
  assert.is(await build({}), "cache");
  assert.is(await build({ level: 9 }), "build");
  const bootstrap = { arch: "x86_64", engine, entry: program("two.cjs", "0") } as const;
  assert.is(await build({ bootstrap }), "build");
});

test("builds the same layer twice at the same time", async () => {
  const cacheDirectory = join(root, "cache-parallel");
  const both = [1, 2].map((index) =>
    buildLayer(options({ outFile: join(root, `parallel-${index}.zip`), cacheDirectory })),
  );
  const [one, two] = await Promise.all(both);
  assert.is(one?.sha256, two?.sha256);
  assert.equal(readdirSync(cacheDirectory).length, 2);
});

test("makes a layer of extensions without an engine and without its licence", async () => {
  const outFile = join(root, "extension.zip");
  const built = await buildLayer(options({ outFile, extensions: ["lifecycle"], bootstrap: "absent" }));
  const paths = built.entries.map(({ path }) => path).sort();
  assert.equal(paths, [
    ...["LICENSES/bootlace.txt", "bootlace/README.txt", "bootlace/extensions/lifecycle.mjs", "extensions/lifecycle"],
  ]);
});

const budgets = [
  [
    "unzipped",
    { zippedBytesMax: 1_000_000, unzippedBytesMax: 1_000 },
    /"over\.zip": it unzips to \d+ bytes and 1000 are/,
  ],
  [
    "zipped",
    { zippedBytesMax: 1_000, unzippedBytesMax: 1_000_000 },
    /"over\.zip": it is \d+ bytes and 1000 are allowed/,
  ],
] as const;
for (const [what, budget, pattern] of budgets) {
  test(`refuses a layer that is too large ${what}, and writes none`, async () => {
    const outFile = join(root, "over.zip");
    await rejects(buildLayer(options({ outFile, budget })), pattern);
    assert.not.ok(existsSync(outFile));
  });
}

test("adds the licence of every package that it bundles", async () => {
  const own = program("with-packages.mjs", 'import "zod/mini"; export const extension = {};');
  const source = { name: "own", entry: own };
  const linked = await buildLayer(
    options({ outFile: join(root, "licences.zip"), extensions: [source], bootstrap: "absent" }),
  ).catch((error) => error);
  assert.match(linked.message, /Could not resolve "zod\/mini"/);
  const inside = join(import.meta.dirname, "imports-a-package.ts");
  const outFile = join(root, "licences.zip");
  await buildLayer(options({ outFile, extensions: [{ name: "own", entry: inside }], bootstrap: "absent" }));
  const entries = await readZip(outFile, { unzippedBytesMax: 1_000_000 });
  const zod = entries.find(({ path }) => path === "LICENSES/zod.txt");
  assert.match(zod?.type === "file" ? Buffer.from(zod.content).toString() : "", /^zod \d.*MIT License/s);
});

test("writes a bill of materials with the engine, the packages and the files, the same each time", async () => {
  const [outFile, billFile] = [join(root, "billed.zip"), join(root, "billed.cdx.json")];
  const inside = join(import.meta.dirname, "imports-a-package.ts");
  const build = () => buildLayer(options({ outFile, billFile, extensions: [{ name: "own", entry: inside }] }));
  const { sha256, entries } = await build();
  const text = readFileSync(billFile, "utf8");
  const { metadata, components } = JSON.parse(text);
  assert.equal(metadata.component.hashes, [{ alg: "SHA-256", content: sha256 }]);
  const named = (name: string) => components.find((one: { readonly name: string }) => one.name === name);
  assert.is(named("node").version, process.version.slice(1));
  assert.ok(named("node").components.some((part: { readonly name: string }) => part.name === "openssl"));
  assert.match(named("bootlace").components[0].purl, /^pkg:npm\/zod@\d/);
  for (const { path } of entries) assert.is(named(path)?.type, "file", path);
  await build();
  assert.is(readFileSync(billFile, "utf8"), text);
});

test("makes a bootstrap that anybody may run, whatever the umask", async () => {
  const old = process.umask(0o077);
  const cacheDirectory = join(root, "cache-umask");
  const bootstrap = { arch: "x86_64", engine, entry, cacheDirectory } as const;
  const { file } = await buildBootstrap(bootstrap).finally(() => process.umask(old));
  assert.is(statSync(file).mode & 0o777, 0o755);
});

test("repeats what a tool said when it fails", async () => {
  const folder = join(root, "fuseless");
  standInEngine(folder);
  copyFileSync("/bin/true", join(folder, "bin/node"));
  await rejects(
    buildLayer(options({ bootstrap: { arch: "x86_64", engine: folder, entry } })),
    /^Cannot make the executable: "node cli\.js .*" failed: Error: Could not find the sentinel NODE_SEA_FUSE_\w+ in the binary$/,
  );
});

test("says what to do without the engine", async () => {
  await rejects(
    buildLayer(options({ bootstrap: { arch: "arm64", entry, engine: join(root, "nowhere") } })),
    /^Cannot use the engine in ".*nowhere": it needs bin\/node, package\.json and LICENSE/,
  );
});

test("refuses an engine that is no executable of Linux", async () => {
  const folder = standInEngine(join(root, "script"));
  writeFileSync(join(folder, "bin/node"), "#!/bin/sh\n");
  await rejects(
    buildLayer(options({ bootstrap: { arch: "x86_64", engine: folder, entry } })),
    /^Cannot use the engine ".*bin\/node": it is no ELF file$/,
  );
});

test("refuses to write the program with a Node of another version than the engine", async () => {
  const folder = standInEngine(join(root, "older"));
  writeFileSync(join(folder, "package.json"), '{"version":"23.1.0"}');
  await rejects(
    buildLayer(options({ bootstrap: { arch: "x86_64", engine: folder, entry } })),
    /^Cannot make an executable of Node 23\.1\.0 with Node v\d.*: name a Node 23\.1\.0 that runs here$/,
  );
});

test.run();

function options(changes: Partial<LayerOptions>): LayerOptions {
  return {
    outFile: join(root, "layer.zip"),
    level: 1,
    extensions: [],
    bootstrap: { arch: "x86_64", engine, entry },
    cacheDirectory: join(root, "cache"),
    ...changes,
  };
}

function program(name: string, text: string): string {
  writeFileSync(join(root, name), text);
  return join(root, name);
}
