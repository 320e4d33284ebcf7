import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import * as assert from "uvu/assert";
import { buildBootstrap } from "../../src/layer/build-bootstrap.ts";
import { buildFunctionArchive } from "../../src/layer/function-archive.ts";
import { bundleShares } from "../../src/layer/function-summary.ts";
import { unpackZip } from "../../src/platform/archive-unpack.ts";
import { codeCacheBytes } from "../../src/platform/code-cache.ts";
import { rejects, suite } from "../helpers/suite.ts";
import { PeerServer } from "../runtime/peer.ts";
import { deliver } from "../runtime/peer-process.ts";

const test = suite("a function's archive");
const root = mkdtempSync(join(tmpdir(), "bootlace-archive-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

const arch = process.arch === "arm64" ? "arm64" : "x86_64";
const cache = { handler: "index.handler", environment: {}, arch } as const;
const cacheName = `index.cjs.${process.version}-${process.arch}.cache`;
const sayLoader = join(import.meta.dirname, "../../src/platform/module-loader.ts");

test("carries the bundle, its map and the code that has run", async () => {
  const { built, folder } = await packed({
    "index.ts": "export const handler = async (event: { by: number }) => 21 * event.by;",
    "event.json": '{ "by": 2 }',
  });
  assert.equal(
    built.entries.map(({ path }) => path),
    ["index.cjs", "index.cjs.map", cacheName],
  );
  assert.ok(built.cache.type === "cached");
  assert.is(built.cache.invocations, 2);
  assert.equal([...built.warnings, ...built.cache.warnings], []);
  assert.ok(existsSync(join(folder, cacheName)));
});

test("holds more code the more of the function has run", async () => {
  const source = `const work = (n) => ${Array.from({ length: 50 }, (_, i) => `Math.sqrt(n + ${i})`).join(" + ")};
    export const handler = async (n) => work(n);`;
  const idle = await packed({ "index.mjs": source });
  const warm = await packed({ "index.mjs": source, "events/one.json": "1" });
  assert.is(idle.built.cache.invocations, 0);
  assert.ok(bytesOf(warm.built) > bytesOf(idle.built) + 500, `${bytesOf(idle.built)} and ${bytesOf(warm.built)}`);
});

const sameInBoth: Readonly<Record<string, string>> = {
  "index.ts": `import { where } from "./lib/where.ts";
    import old from "old";
    import numbers from "./numbers.json" with { type: "json" };
    interface Unused { readonly a: 1 }
    export const handler = async () => {
      let strict = false;
      try { Object.freeze({ a: 1 }).a = 2; } catch { strict = true; }
      const meta = [import.meta.url, import.meta.dirname, import.meta.filename].map((place) => place.split("/").at(-1)?.slice(0, 6));
      const { sep } = await import("node:path");
      return [where(), old(), numbers.length, strict, meta[0], typeof meta[1], meta[2], sep];
    };
    export const fails = () => where.call(undefined, () => { throw new TypeError("boom"); });`,
  "lib/where.ts": `// a line
    export function where(act?: () => void): string { act?.(); return typeof this; }`,
  "node_modules/old/index.js": `module.exports = () => require("node:path").sep;`,
  "numbers.json": JSON.stringify(Array.from({ length: 60_000 }, (_, i) => i)),
};

test("says and does what the sources do, with compiled code and without", async () => {
  const plain = await packed(sameInBoth, { cache: "none" });
  const cached = await packed(sameInBoth);
  assert.is(plain.built.module, "index.mjs");
  assert.is(cached.built.module, "index.cjs");
  assert.is(said(cached.folder, "index.cjs", "handler"), said(plain.folder, "index.mjs", "handler"));
  rmSync(join(cached.folder, cacheName));
  assert.is(said(cached.folder, "index.cjs", "handler"), said(plain.folder, "index.mjs", "handler"));
});

test("leads a stack trace back to the source, with compiled code and without", async () => {
  const { folder } = await packed(sameInBoth);
  const withCache = said(folder, "index.cjs", "fails");
  assert.match(withCache, /TypeError: boom.*index\.ts:12:68.*lib\/where\.ts:2:55/s);
  rmSync(join(folder, cacheName));
  assert.is(said(folder, "index.cjs", "fails"), withCache);
});

for (const [what, source, reason] of [
  ["top-level await", "const one = await Promise.resolve(1); export const handler = () => one;", /Top-level await/],
  ["import.meta.resolve", "export const handler = () => import.meta.resolve('node:fs');", /import\.meta/],
  ["import.meta as a whole", "export const handler = () => Object.keys(import.meta);", /import\.meta/],
] as const)
  test(`keeps an ES module with ${what} as it is, and says so`, async () => {
    const { built } = await packed({ "index.mjs": source });
    assert.is(built.module, "index.mjs");
    assert.ok(built.cache.type === "absent");
    assert.match(built.cache.reason, reason);
  });

for (const [what, source, warning] of [
  [
    "throws when it is invoked",
    "export const handler = async () => { throw new Error('no table'); };",
    /event\.json: Error: no table/,
  ],
  ["leaves when it is invoked", "export const handler = () => process.exit(3);", undefined],
  [
    "crashes in the background",
    "export const handler = () => new Promise(() => setImmediate(() => { throw new Error('late'); }));",
    /late/,
  ],
  ["never answers", "export const handler = () => new Promise(() => {});", /never settled/],
] as const)
  test(`is made of a function that ${what} too`, async () => {
    const { built } = await packed({ "index.mjs": source, "event.json": "{}" });
    assert.is(built.cache.type, "cached");
    if (warning !== undefined) assert.match(built.cache.warnings.join("\n"), warning);
  });

test("is made of a function that cannot be loaded, without compiled code", async () => {
  const { built } = await packed({
    "index.mjs": "import 'fs'; throw new Error('no config'); export const handler = 1;",
  });
  assert.match(built.cache.warnings.join("\n"), /its initialisation: Error: no config/);
});

test("runs the function without network, home, credentials or variables of whoever builds", async () => {
  process.env.ONLY_MINE = "secret";
  const { built } = await packed(
    {
      "index.mjs": `import { connect } from "node:net"; import { once } from "node:events"; import { networkInterfaces } from "node:os";
        export const handler = async () => { throw new Error(JSON.stringify([process.env.ONLY_MINE, process.env.HOME, process.env.TABLE,
          Object.values(networkInterfaces()).flat().every(({ internal }) => internal)])); };`,
      "event.json": "{}",
    },
    { cache: { ...cache, environment: { TABLE: "articles" } } },
  );
  delete process.env.ONLY_MINE;
  assert.match(built.cache.warnings.join(), '[null,"/nonexistent","articles",true]');
});

test("runs the function in a trace, as an invocation has one", async () => {
  const { built } = await packed({
    "index.mjs": "export const handler = async () => { throw new Error(process.env._X_AMZN_TRACE_ID); };",
    "event.json": "{}",
  });
  assert.match(built.cache.warnings.join(), /Error: Root=1-.*;Sampled=1$/);
});

test("carries native addons beside the bundle", async () => {
  const { built } = await packed({
    "index.mjs": "import addon from './addon.node'; export const handler = () => addon;",
    "addon.node": "no real one",
  });
  assert.match(built.entries.map(({ path }) => path).join(), /addon-[A-Z0-9]+\.node/);
});

test("leaves external packages to a layer", async () => {
  const { folder } = await packed(
    { "index.mjs": "import there from 'there'; export const handler = () => there;" },
    { external: ["there"], cache: "none" },
  );
  assert.match(readFileSync(join(folder, "index.mjs"), "utf8"), /from "there"/);
});

test("is refused when it would not fit beside its layers", async () => {
  const { directory } = written({ "index.mjs": "export const handler = () => 1;" });
  const outFile = join(directory, "out.zip");
  const built = buildFunctionArchive({ directory, outFile, cache: "none", unzippedBytesMax: 100 });
  await rejects(built, /it would unzip to \d+ bytes and 100 are allowed, leave out dependencies$/);
  assert.not.ok(existsSync(outFile));
});

test(
  "has code that the compiled bootstrap takes, with an import() in it",
  async () => {
    // V8 itself compares no more of a source than its length, so whose code has run can be seen.
    const source = (add: number) => `exports.handler = async () => (await import("./late.mjs")).default + ${add};`;
    const other = await packed(
      { "index.cjs": source(2), "late.mjs": "export default 40;", "event.json": "{}" },
      { external: ["./late.mjs"] },
    );
    const made = readFileSync(join(other.folder, cacheName));
    const code = readFileSync(join(other.folder, "index.cjs"), "utf8");
    const edited = code.replace("+ 2;", "+ 1;");
    assert.is.not(edited, code);
    writeFileSync(join(other.folder, "index.cjs"), edited);
    writeFileSync(join(other.folder, "late.mjs"), "export default 40;");
    writeFileSync(join(other.folder, cacheName), codeCacheBytes(edited, made.subarray(16, 16 + made.readUInt32LE(8))));
    const { file: bootstrap } = await buildBootstrap({ arch });
    const server = new PeerServer();
    const env = {
      AWS_LAMBDA_RUNTIME_API: await server.listen(),
      LAMBDA_TASK_ROOT: other.folder,
      _HANDLER: "index.handler",
    };
    const child = spawn(bootstrap, [], { env, stdio: ["ignore", "inherit", "pipe"] });
    const complaints = text(child.stderr);
    try {
      const peer = await server.peer();
      await deliver(peer, "id", {});
      const { line, body } = await peer.request();
      assert.is(`${line} ${body}`, "POST /2018-06-01/runtime/invocation/id/response HTTP/1.1 42");
    } finally {
      child.kill("SIGKILL");
      await server[Symbol.asyncDispose]();
    }
    assert.is(await complaints, "");
  },
  { timeoutMs: 60_000 },
);

test("tells what is large, who asked for it, and what is there twice", () => {
  const input = (bytes: number, ...imports: string[]) => ({
    bytes,
    imports: imports.map((path) => ({ path, kind: "import-statement" as const })),
  });
  const shares = bundleShares({
    inputs: {
      "index.ts": input(10, "lib/db.ts"),
      "lib/db.ts": input(10, "node_modules/a/index.js", "node_modules/b/index.js"),
      "node_modules/a/index.js": input(300, "node_modules/a/node_modules/b/index.js"),
      "node_modules/b/index.js": input(50),
      "node_modules/a/node_modules/b/index.js": input(40),
    },
    outputs: {
      "index.cjs": {
        bytes: 410,
        exports: [],
        imports: [],
        entryPoint: "index.ts",
        inputs: Object.fromEntries(
          [
            ["index.ts", 10],
            ["lib/db.ts", 10],
            ["node_modules/a/index.js", 300],
            ["node_modules/b/index.js", 50],
            ["node_modules/a/node_modules/b/index.js", 40],
          ].map(([path, bytesInOutput]) => [path, { bytesInOutput: Number(bytesInOutput) }]),
        ),
      },
    },
  });
  assert.equal(shares, [
    { name: "a", bytes: 300, copies: 1, why: ["index.ts", "lib/db.ts", "a"] },
    { name: "b", bytes: 90, copies: 2, why: ["index.ts", "lib/db.ts", "b"] },
    { name: ".", bytes: 20, copies: 1, why: ["index.ts"] },
  ]);
});

test.run();

type Options = Partial<Parameters<typeof buildFunctionArchive>[0]>;

async function packed(files: Readonly<Record<string, string>>, options: Options = {}) {
  const { directory } = written(files);
  const outFile = join(directory, "out", "function.zip");
  const built = await buildFunctionArchive({ directory, outFile, cache, ...options });
  const folder = mkdtempSync(join(root, "task-"));
  await unpackZip(outFile, folder, { unzippedBytesMax: 10_000_000 });
  return { built, folder };
}

function written(files: Readonly<Record<string, string>>) {
  const directory = mkdtempSync(join(root, "project-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return { directory };
}

function bytesOf({ cache }: Awaited<ReturnType<typeof buildFunctionArchive>>): number {
  return cache.type === "cached" ? cache.bytes : 0;
}

/** What an export gives or throws, as a runtime would load it. */
function said(folder: string, file: string, name: string): string {
  const program = `const { loadModule } = await import(${JSON.stringify(sayLoader)});
    const module = await loadModule(${JSON.stringify(join(folder, file))});
    try { console.log(JSON.stringify(await module[${JSON.stringify(name)}]())); } catch (error) { console.log(error.stack.split("\\n").slice(0, 3).join("\\n")); }`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--enable-source-maps", "--input-type=module", "-e", program],
    { encoding: "utf8" },
  );
  return `${stdout}${stderr}`.replaceAll(folder, "TASK").replaceAll(/\/[^ )]*project-\w+/g, "PROJECT");
}
