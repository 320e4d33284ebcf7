import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { buildFunctionArchive } from "../../src/layer/function-archive.ts";
import { unpackZip } from "../../src/platform/archive-unpack.ts";
import { suite } from "../helpers/suite.ts";

/** Each test builds up to three functions, and each build runs its function three times. */
const buildsTimeoutMs = 60_000;

const inner = suite("a built function's late modules");
const test = (title: string, body: () => unknown) => inner(title, body, { timeoutMs: buildsTimeoutMs });
const root = mkdtempSync(join(tmpdir(), "bootlace-late-"));
inner.after(() => rmSync(root, { recursive: true, force: true }));

const arch = process.arch === "arm64" ? "arm64" : "x86_64";
const cache = { handler: "index.handler", environment: {}, arch } as const;

const reader: Files = {
  "index.mjs": `import { gzipSync } from "node:zlib"; import https from "node:https"; import { Socket } from "node:tls"; import { ask } from "./ask.cjs";
    export const handler = async ({ zip, call }) => {
      const loaded = (name) => process.moduleLoadList.includes("NativeModule " + name);
      const early = [loaded("zlib"), loaded("http"), loaded("https"), loaded("tls")];
      if (zip) return [early, gzipSync("text").length > 0];
      if (call) return [early, ask(), https === process.getBuiltinModule("https"), loaded("tls"), typeof Socket];
      return [early];
    };`,
  "ask.cjs": `const { METHODS, request } = require("http"); const https = require("https");
    exports.ask = () => [METHODS.includes("GET"), request === process.getBuiltinModule("http").request, https === process.getBuiltinModule("https")];`,
  "events/plain.json": "{}",
  "events/zip.json": '{ "zip": true }',
};

test("wait until an invocation touches them, if no sample event does", async () => {
  const { built, folder } = await packed(reader);
  assert.equal(built.lateModules, { type: "late", modules: ["https", "tls"] });
  assert.equal(built.cache.type, "cached");
  assert.equal(said(folder, { call: true }), [[true, true, false, false], [true, true, true], true, true, "undefined"]);
});

test("are the same in each build, and none where it is turned off", async () => {
  const [one, two] = [await packed(reader), await packed(reader)];
  assert.is(code(one.folder), code(two.folder));
  const off = await packed(reader, { lateModules: false });
  assert.equal(off.built.lateModules, { type: "eager", reason: "it was asked for" });
  assert.equal(said(off.folder, {}), [[true, true, true, true]]);
  assert.not.match(code(off.folder), /bootlaceModule/);
  assert.equal(said(off.folder, { call: true }).slice(1), said(one.folder, { call: true }).slice(1));
});

for (const [what, files, reason] of [
  ["there are no sample events", { "events/plain.json": undefined, "events/zip.json": undefined }, /^no sample event/],
  ["one of them fails", { "events/bad.json": "null" }, /bad\.json: TypeError/],
  [
    "an event ends the process",
    {
      "index.mjs": `import https from "https"; export const handler = async (event) => (event.call ? https : process.exit());`,
    },
    /^not all of its sample events come to an end/,
  ],
  [
    "an event never ends",
    { "index.mjs": `import "https"; import tls from "tls"; export const handler = () => new Promise(() => tls);` },
    /never settled/,
  ],
] as const)
  test(`do not wait where ${what}`, async () => {
    const { built, folder } = await packed({ ...reader, ...files });
    assert.ok(built.lateModules.type === "eager");
    assert.match(built.lateModules.reason, reason);
    assert.not.match(code(folder), /bootlaceModule/);
  });

test("are the streams of the web, sample events or not", async () => {
  const { built, folder } = await packed({
    "index.mjs": `import web, { ReadableStream as Readable } from "node:stream/web"; import * as all from "stream/web"; import tls from "tls";
      const streams = () => process.moduleLoadList.filter((name) => name.endsWith("webstreams/readablestream")).length;
      const early = streams();
      export const handler = () => [
        early, new Readable() instanceof all.ReadableStream, streams(),
        Readable === web.ReadableStream && Readable === process.getBuiltinModule("stream/web").ReadableStream,
        Object.keys(all).includes("TransformStream"), typeof all.Nothing, typeof tls.connect,
      ];`,
  });
  assert.equal(built.lateModules, { type: "late", modules: ["stream/web"] });
  assert.equal(said(folder, {}), [0, true, 1, true, true, "undefined", "function"]);
});

/** Hooks as tracers have them, and what else they need of Node. */
const hooks: readonly (readonly [string, string])[] = [
  [
    "require-in-the-middle",
    `const original = Module.prototype.require; const patched = new Set();
     Module.prototype.require = function (id) { const found = original.call(this, id); if (id.endsWith("https") && !patched.has(found)) { patched.add(found); patch(found); } return found; };`,
  ],
  [
    "a hook of Module._load",
    `const original = Module._load; Module._load = function (id) { const found = original.apply(this, arguments); if (id.endsWith("https") && !found.patched) patch(found); return found; };`,
  ],
  ["a patch of the module itself", `patch(require("https"));`],
];
const patch = `const Module = require("module"); const patch = (https) => { https.patched = true; const was = https.get; https.get = (...args) => { if (args[0] === "which") return "patched"; return was(...args); }; };`;
const asks: Files = {
  "index.mjs": `import https, { get } from "node:https"; import { ask } from "./ask.cjs"; import { traced } from "./traced.cjs";
    traced();
    export const handler = async ({ call }) => call && [https.get("which"), get("which"), ask()];`,
  "ask.cjs": `const https = require("https"); exports.ask = () => https.get("which");`,
  "traced.cjs": "exports.traced = () => {};",
  "event.json": "{}",
};
for (const [what, hook] of hooks)
  test(`are patched by ${what}, from before the function and from inside of it`, async () => {
    const before = await packed(asks);
    assert.equal(before.built.lateModules, { type: "late", modules: ["https"] });
    const preload = join(before.folder, "preload.cjs");
    writeFileSync(preload, `${patch}${hook}`);
    assert.equal(said(before.folder, { call: true }, ["--require", preload]), ["patched", "patched", "patched"]);
    const inside = await packed({ ...asks, "traced.cjs": `${patch} exports.traced = () => { ${hook} };` });
    assert.equal(said(inside.folder, { call: true }), ["patched", "patched", "patched"]);
  });

test("lead a stack trace back to the source", async () => {
  const { folder } = await packed({
    "index.ts": `import https from "node:https";
interface Asked { readonly call?: boolean }
export const handler = async ({ call }: Asked) => { if (call) return [https, https, https, new https.Agent(), fail()]; };
function fail(): never { throw new Error("failed"); }`,
    "event.json": "{}",
  });
  assert.match(code(folder), /bootlaceModule/);
  const { stderr } = run(folder, { call: true }, ["--enable-source-maps"]);
  assert.match(stderr, /Error: failed\s.*index\.ts:4:32\).*index\.ts:3:111\)/s);
});

inner.run();

type Files = Readonly<Record<string, string | undefined>>;

async function packed(files: Files, more: { readonly lateModules?: boolean } = {}) {
  const directory = mkdtempSync(join(root, "project-"));
  for (const [name, text] of Object.entries(files)) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  const outFile = join(directory, "out", "function.zip");
  const built = await buildFunctionArchive({ directory, outFile, cache: { ...cache, ...more } });
  const folder = mkdtempSync(join(root, "task-"));
  await unpackZip(outFile, folder, { unzippedBytesMax: 10_000_000 });
  return { built, folder };
}

function code(folder: string): string {
  return readFileSync(join(folder, "index.cjs"), "latin1");
}

/** What the handler answers in a process of its own, as JSON has it. */
function said(folder: string, event: object, flags: readonly string[] = []) {
  const { stdout, stderr } = run(folder, event, flags);
  assert.is(stderr, "");
  return JSON.parse(stdout);
}

function run(folder: string, event: object, flags: readonly string[]) {
  const program = `Promise.resolve(require("./index.cjs").handler(${JSON.stringify(event)})).then((answer) => process.stdout.write(JSON.stringify(answer)))`;
  return spawnSync(process.execPath, [...flags, "-e", program], { cwd: folder, encoding: "utf8" });
}
