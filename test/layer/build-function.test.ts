import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { BuildError } from "../../src/layer/build-error.ts";
import { type BuiltFunction, buildFunction } from "../../src/layer/build-function.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("buildFunction()");
const root = mkdtempSync(join(tmpdir(), "bootlace-function-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

test("bundles TypeScript with what it imports into one module and a map", async () => {
  const directory = project({
    "index.ts": `import { answer } from "./answer.ts";\nexport const handler = async (event: { by: number }) => answer * event.by;`,
    "answer.ts": "export const answer: number = 21;",
  });
  const built = await buildFunction({ directory, outDir: join(directory, "out") });
  assert.is(built.file, "index.mjs");
  assert.equal(readdirSync(built.outDir).sort(), ["index.mjs", "index.mjs.map"]);
  assert.equal(Object.keys(built.bytesByInput).sort(), ["answer.ts", "index.ts"]);
  assert.equal(built.warnings, []);
  assert.is(await (await loaded(built)).handler({ by: 2 }), 42);
});

test("bundles a CommonJS package into an ES module, and a function may still make its own require", async () => {
  const directory = project({
    "index.mjs": `import old from "old"; import { createRequire } from "node:module";
      const require = createRequire(import.meta.url);
      export const handler = () => [old(), typeof require("node:fs").stat];`,
    "node_modules/old/index.js": `module.exports = () => require("node:path").sep;`,
  });
  const built = await buildFunction({ directory, outDir: join(directory, "out") });
  assert.equal((await loaded(built)).handler(), ["/", "function"]);
});

test("bundles an ES module that CommonJS requires, with its import.meta", async () => {
  const directory = project({
    "index.cjs": `exports.handler = () => require("new").where();`,
    "node_modules/new/package.json": '{"type":"module"}',
    "node_modules/new/index.js": `import { createRequire } from "node:module";
      export const where = () => [typeof createRequire(import.meta.url)("node:fs").stat, import.meta.filename === __filename];`,
  });
  const built = await buildFunction({ directory, outDir: join(directory, "out"), format: "cacheable" });
  assert.is(built.file, "index.cjs");
  assert.equal(createRequire(import.meta.url)(join(built.outDir, built.file)).handler(), ["function", true]);
});

for (const [what, options] of [
  ["CommonJS", { format: "cjs" }],
  ["an ES module", { format: "esm" }],
  ["minified code", { format: "cjs", minify: true }],
] as const) {
  test(`calls each class as its source does, as ${what}`, async () => {
    const directory = project({
      "index.mjs": `import { Failed as Other } from "./other.mjs";
        class Failed extends Error { static of() { return new Failed(); } }
        class Failed2 {
        }
        class Named { static name = "mine"; static self = () => Named; }
        class Called { static name() { return "called"; } static self = () => Called; }
        const Later = class extends Other { a = 1 };
        const made = (Base) => class Inner extends Base { static self = () => Inner; };
        export const handler = () => [Failed.of(), new Other(), new Failed2(), new Later(), new (made(Failed).self())()]
          .map((value) => value.constructor.name).concat(Named.name, Called.name());`,
      "other.mjs": "export class Failed extends Error { again() { return new Failed(); } }",
    });
    const built = await buildFunction({ directory, outDir: join(directory, "out"), ...options });
    assert.equal((await loaded(built)).handler(), ["Failed", "Failed", "Failed2", "Later", "Inner", "mine", "called"]);
  });
}

const formats: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ["index.mts", { "index.mts": "export const handler = () => 1;" }, "index.mjs"],
  ["index.cjs", { "index.cjs": "exports.handler = () => 1;" }, "index.cjs"],
  [
    "index.js without a package.json type",
    { "index.js": "exports.handler = () => 1;", "package.json": "{}" },
    "index.cjs",
  ],
  [
    "index.js of a module package",
    { "index.js": "export const handler = () => 1;", "package.json": `{"type":"module"}` },
    "index.mjs",
  ],
  [
    "main of package.json before index.ts",
    {
      "index.ts": "export const handler = () => 2;",
      "lib/fn.cjs": "exports.handler = () => 1;",
      "package.json": `{"main":"lib/fn.cjs"}`,
    },
    "index.cjs",
  ],
];
for (const [what, files, file] of formats) {
  test(`keeps the module system of ${what}`, async () => {
    const directory = project(files);
    const built = await buildFunction({ directory, outDir: join(directory, "out") });
    assert.is(built.file, file);
    const module = file.endsWith(".cjs")
      ? createRequire(import.meta.url)(join(built.outDir, file))
      : await loaded(built);
    assert.is(module.handler(), 1);
  });
}

test("makes a map that leads a stack trace back to the source", async () => {
  const directory = project({
    "index.ts": `interface Unused { readonly a: 1 }\nimport { fail } from "./fail.ts";\nexport const handler = () => fail();`,
    "fail.ts": `// one\n// two\nexport function fail() { throw new Error("boom"); }`,
  });
  const built = await buildFunction({ directory, outDir: join(directory, "out") });
  const program = `import(${JSON.stringify(join(built.outDir, built.file))}).then((m) => m.handler())`;
  const { stderr } = spawnSync(process.execPath, ["--enable-source-maps", "-e", program], { encoding: "utf8" });
  assert.match(stderr, /at fail \(.*fail\.ts:3:32\)/);
});

test("keeps CommonJS in one byte a character, whatever its comments say, and licences in a file of their own", async () => {
  const directory = project({
    "index.cjs": `/*! \u00a9 M\u00fcller */\nexports.handler = {\n  /** \u2014 \u{1f600} */ a: "\u00e9",\n  /** \u2063 */ fail() { throw new Error("boom"); } };`,
  });
  const { outDir } = await buildFunction({ directory, outDir: join(directory, "out") });
  const code = readFileSync(join(outDir, "index.cjs"), "utf8");
  assert.is(Buffer.byteLength(code), code.length);
  assert.match(code, /^ *\/\*\* \? \?\? \*\/$/m);
  assert.match(readFileSync(join(outDir, "index.cjs.LEGAL.txt"), "utf8"), /\u00a9 M\u00fcller/);
  const program = `const { handler } = require(${JSON.stringify(join(outDir, "index.cjs"))}); console.log(handler.a); handler.fail();`;
  const run = spawnSync(process.execPath, ["--enable-source-maps", "-e", program], { encoding: "utf8" });
  assert.is(run.stdout, "\u00e9\n");
  assert.match(run.stderr, /index\.cjs:4:27\)/);
});

test("leaves characters in code as they are, where they mean something", async () => {
  const directory = project({
    "index.cjs": "/** \u2014 */ exports.handler = () => [String.raw`\u2063`.length, /^\u2014$/.test('\u2014')];",
  });
  const { outDir } = await buildFunction({ directory, outDir: join(directory, "out") });
  assert.equal(createRequire(import.meta.url)(join(outDir, "index.cjs")).handler(), [1, true]);
});

test("removes what an earlier build of the other module system left", async () => {
  const outDir = join(root, "both");
  await buildFunction({ entry: join(project({ "a.cjs": "/*! mine */ exports.handler = () => 1;" }), "a.cjs"), outDir });
  await buildFunction({ entry: join(project({ "a.ts": "export const handler = () => 1;" }), "a.ts"), outDir });
  assert.equal(readdirSync(outDir).sort(), ["index.mjs", "index.mjs.map"]);
});

test("makes the same bytes wherever the function lies", async () => {
  const files = {
    "index.ts": `import { b } from "./b.ts"; export const handler = () => b;`,
    "b.ts": "export const b = 1;",
  };
  const [one, two] = [project(files), project(files)];
  const text = async (directory: string) => {
    const built = await buildFunction({ directory, outDir: join(directory, "out") });
    return built.files;
  };
  assert.equal(await text(one), await text(two));
});

const mistakes: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  [
    "a syntax error",
    { "index.ts": "\nexport const = 1;" },
    /^Cannot bundle "index\.ts": Expected .* \(index\.ts:2:14\)$/,
  ],
  [
    "a package that is not installed",
    { "index.ts": `import "nowhere";\nimport "neither";` },
    /^Cannot bundle "index\.ts": Could not resolve "nowhere" \(index\.ts:1:8\) and 1 more$/,
  ],
  ["a folder without an index", { "other.ts": "" }, /^Cannot find the function in ".*": add an index\.ts, /],
  [
    "packages that ask for others, and one that looks for its own files",
    {
      "index.cjs": `require("knows"); require("probes");`,
      "node_modules/knows/index.js": `require("driver-a/promise"); require("driver-b");`,
      "node_modules/probes/index.js": "for (const kind of ['a']) require('./build/' + kind + '/bindings');",
    },
    /left out as external: driver-a\/promise, driver-b, probes$/,
  ],
  ["a main that is missing", { "package.json": `{"main":"gone.js"}` }, /^Cannot bundle "gone\.js": Could not resolve/],
  ["a broken package.json", { "package.json": "{" }, /^Cannot read ".*package\.json": it is no JSON, correct it$/],
];
for (const [what, files, pattern] of mistakes) {
  test(`says in one sentence what is wrong with ${what}`, async () => {
    const directory = project(files);
    const error = await buildFunction({ directory, outDir: join(directory, "out") }).catch((reason) => reason);
    assert.instance(error, BuildError);
    assert.match(error.message, pattern);
    assert.not.ok(readdirSync(directory).includes("out"));
  });
}

test("refuses to write over the source", async () => {
  const directory = project({ "index.mjs": "export const handler = () => 1;" });
  const error = await buildFunction({ directory, outDir: directory }).catch((reason) => reason);
  assert.match(error.message, /^Cannot build ".*" into its own folder: /);
});

test.run();

function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(root, "project-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

function loaded(built: BuiltFunction) {
  return import(join(built.outDir, built.file));
}
