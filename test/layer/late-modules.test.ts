import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { decode } from "@jridgewell/sourcemap-codec";
import * as assert from "uvu/assert";
import { bundle } from "../../src/layer/bundle.ts";
import { lateBundle } from "../../src/layer/late-modules.ts";
import { parsedProgram } from "../../src/layer/parsed-program.ts";
import { seeded } from "../helpers/seeded.ts";
import { suite } from "../helpers/suite.ts";
import { type Files, program } from "./late-programs.ts";

const test = suite("lateBundle()");
const root = mkdtempSync(join(tmpdir(), "bootlace-late-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

const programs = 200;

test(
  `leaves ${programs} small programs to do what they did, and loads less in them`,
  async () => {
    let loads = 0;
    let loadsLate = 0;
    let bindings = 0;
    for (let seed = 1; seed <= programs; seed += 1) {
      const files = program(seeded(seed));
      const code = await bundled(files);
      const { code: late, modules } = made(code);
      const before = run(code);
      const after = run(late);
      assert.equal(after.seen, before.seen, `seed ${seed}:\n${JSON.stringify(files, undefined, 2)}\n${late}`);
      loads += before.loads;
      loadsLate += after.loads;
      bindings += modules.length;
    }
    assert.ok(bindings > programs / 2, `${bindings} of ${programs}`);
    assert.ok(loadsLate < loads, `${loadsLate} and ${loads}`);
  },
  { timeoutMs: 80_000 },
);

/** Sources of which the module waits, with what reads it. */
const wait: readonly (readonly [string, string, string])[] = [
  ["require", `const http = require("node:http");`, `http.request("x")`],
  ["a list of declarations", `var one = 1, http = require("http");`, `http.request("x")`],
  [
    "what an export gives away",
    `const http = require("http"); exports.ask = (x) => http.request(x);`,
    `exports.ask("x")`,
  ],
  [
    "a compiler's default import",
    `var __importDefault = (m) => ({ default: m }); const http_1 = __importDefault(require("http"));`,
    `http_1.default.request("x")`,
  ],
  [
    "tslib's default import",
    `const tslib_1 = { __importDefault: (m) => ({ default: m }) }; const http_1 = tslib_1.__importDefault(require("http"));`,
    `http_1.default.request("x")`,
  ],
  ["members", `const { request, get: other } = require("http");`, `request("x")`],
  ["a member", `const request = require("http").request;`, `request("x")`],
  ["members of a module that waits", `const http = require("http"); const { request } = http;`, `request("x")`],
  ["new of a member", `const http = require("http");`, `"http:" + new http.Agent("x").name`],
  [
    "a class that extends a member",
    `const { Agent } = require("http");`,
    `"http:" + new (class extends Agent {})("x").name`,
  ],
];
for (const [what, source, reads] of wait)
  test(`lets a module wait that is bound by ${what}`, async () => {
    const late = made(
      await bundled({ "index.cjs": `${source}\nsee(() => 1); exports.act = () => see(() => ${reads});` }),
    );
    assert.equal(late.modules, ["http"]);
    const { seen, loads, exports } = run(late.code);
    assert.equal([seen, loads], [[1], 0]);
    exports.act?.();
    assert.equal(seen, [1, "http:x"]);
  });

/** Sources of which nothing waits. */
const stay: readonly (readonly [string, string])[] = [
  ["assigned again", `let http = require("http"); exports.set = (other) => { http = other; };`],
  ["declared twice", `var http = 1; var http = require("http"); exports.act = () => http;`],
  ["seen by eval", `var http = require("http"); exports.act = (text) => eval(text);`],
  ["seen by with", `var http = require("http"); exports.act = (what) => { with (what) { return http; } };`],
  ["exported", `exports.http = require("http");`],
  ["exported as the whole", `module.exports = require("http");`],
  ["loaded on a condition", `let http; if (exports) http = require("http");`],
  ["loaded inside of a function", `exports.act = () => { const http = require("http"); return http; };`],
  ["required by another require", `const other = (id) => id; { const require = other; var http = require("http"); }`],
  ["one of those that warn", `const punycode = require("punycode"); exports.act = () => punycode;`],
  ["taken out with a default", `const { request = 1 } = require("http"); exports.act = () => request;`],
  ["taken out with the rest", `const { request, ...rest } = require("http"); exports.act = () => [request, rest];`],
  [
    "taken out where names are made up",
    `const { request } = require("http"); exports.act = (name) => [request, require(name)];`,
  ],
  [
    "taken out where it is imported as well",
    `const { request } = require("http"); exports.act = () => [request, import("http")];`,
  ],
  [
    "taken out where a function gives modules",
    `const { request } = require("http"); exports.act = () => [request, process.getBuiltinModule("http")];`,
  ],
  [
    "copied by a compiler",
    `var __importStar = (m) => ({ ...m }); const http = __importStar(require("http")); exports.act = () => http;`,
  ],
];
for (const [what, source] of stay)
  test(`lets no module wait that is ${what}`, async () => {
    const code = await bundled({ "index.cjs": source });
    assert.is(made(code).code, code);
  });

for (const [what, code] of [
  ["deeper than the stack", `const http = require("http"); exports.sum = (x) => x${" + x".repeat(100_000)};`],
  ["longer than it is worth", `const http = require("http"); /* ${"x".repeat(16_000_000)} */`],
  ["of a language to come", `const http = require("http"); exports.act = () => http |> 1;`],
] as const)
  test(`lets no module wait in a program that is ${what}`, () => {
    assert.is(made(code).code, code);
  });

test("lets modules wait that are imported in the ways of ES modules", async () => {
  const files = {
    "index.mjs": `import http, { request } from "http"; import * as https from "node:https"; import { b } from "./b.mjs"; export { Agent } from "http";
      export const act = () => see(() => [http.request("x"), request("y"), https.request("z"), https.default.Agent === https.Agent, b()]);`,
    "b.mjs": `import zlib from "zlib"; export const b = () => zlib.request("b");`,
  };
  const late = made(await bundled(files));
  assert.equal(late.modules, ["http", "https", "zlib"]);
  const { seen, loads, exports } = run(late.code);
  assert.is(loads, 0);
  exports.act?.();
  assert.equal(seen, [["http:x", "http:y", "https:z", true, "zlib:b"]]);
});

test("hands out what was taken before somebody patched it, and the patch to whoever asks the module", async () => {
  const source = `const http = require("http"); const { request } = require("http");
    exports.patch = () => { http.request = (x) => "patched " + request(x); };
    exports.act = () => see(() => [http.request("x"), request("x")]);`;
  const { seen, exports } = run(made(await bundled({ "index.cjs": source })).code);
  exports.patch?.();
  exports.act?.();
  assert.equal(seen, [["patched http:x", "http:x"]]);
});

test("moves each place of the source map along with what stands there", async () => {
  let moved = 0;
  for (let seed = 1; seed <= 30; seed += 1) {
    const { code, map } = await bundled(program(seeded(seed)), false);
    const late = lateBundle({ code, map, parsed: parsedProgram(code) }, () => true);
    const [before, after] = [placesOf({ code, map }), placesOf(late)];
    assert.equal(after, before);
    if (late.code !== code) moved += 1;
  }
  assert.ok(moved > 10, `${moved}`);
});

for (const minify of [false, true])
  test(`keeps every place of the source map${minify ? ", minified" : ""}`, async () => {
    const files = {
      "index.cjs": `const http = require("http"); const { Agent, globalAgent } = require("https"); const before = () => { throw new Error("early"); };
exports.early = () => before();
exports.a = () => http.METHODS.length && new http.Agent() && thrown("a"); exports.b = () => [http, Agent].map(() => thrown("b"));
function thrown(name) { throw new Error(name); }
exports.c = () => new Agent({ get keepAlive() { return thrown("c"); } });`,
    };
    const { code, map } = await bundled(files, minify);
    const late = lateBundle({ code, map, parsed: parsedProgram(code) }, () => true);
    assert.equal(late.modules.includes("http"), true);
    for (const name of ["early", "a", "b", "c"]) assert.is(places(late, name), places({ code, map }, name), name);
    assert.match(places(late, "a"), /index\.cjs:3:62/);
  });

test.run();

type Built = Pick<Awaited<ReturnType<typeof bundle>>, "map"> & { readonly code: string };

async function bundled(files: Files): Promise<string>;
async function bundled(files: Files, minify: boolean): Promise<Built>;
async function bundled(files: Files, minify?: boolean): Promise<string | Built> {
  const folder = mkdtempSync(join(root, "program-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const [first = ""] = Object.keys(files);
  const entry = join(folder, first);
  const built = await bundle({
    entry,
    root: folder,
    outFile: join(folder, "out.cjs"),
    format: "cjs",
    sourceMap: minify === undefined ? "none" : "beside",
    minify: minify ?? false,
  });
  const code = Buffer.from(built.code).toString();
  return minify === undefined ? code : { code, map: built.map };
}

function made(code: string) {
  const waits = new Set(["http", "https", "zlib"]);
  return lateBundle({ code, map: undefined, parsed: parsedProgram(code) }, (module) => waits.has(module));
}

/** Runs it among modules of its own, which it may patch. */
function run(code: string) {
  const seen: unknown[] = [];
  const loaded = new Map<string, object>();
  const see = (look: () => unknown) => {
    try {
      seen.push(look());
    } catch (error) {
      seen.push(error instanceof Error ? error.name : error);
    }
  };
  const require = (id: string) => {
    const name = id.replace("node:", "");
    const module = loaded.get(name) ?? moduleNamed(name);
    loaded.set(name, module);
    return module;
  };
  const module = { exports: {} as Record<string, (() => void) | undefined> };
  new Function("module", "exports", "require", "see", code)(module, module.exports, require, see);
  return { seen, loads: loaded.size, exports: module.exports };
}

function moduleNamed(name: string): object {
  return {
    request: (text: string) => `${name}:${text}`,
    Agent: class {
      name: string;
      constructor(what: string) {
        this.name = what;
      }
    },
    self() {
      return this;
    },
    tag: ([text]: readonly string[]) => `${name} ${text}`,
  };
}

/** Where each segment of a map leads, with the character that it leads from. */
function placesOf({ code, map }: { readonly code: string; readonly map: Uint8Array | undefined }) {
  const lines = code.split("\n");
  const { mappings } = JSON.parse(Buffer.from(map ?? "{}").toString());
  return decode(mappings).map((segments, line) =>
    segments.map(([column, ...source]) => [lines[line]?.[column], ...source]),
  );
}

/** The lines of the stack that an export throws, as Node shows them with the map. */
function places({ code, map }: { readonly code: string; readonly map: Uint8Array | undefined }, name: string): string {
  const folder = mkdtempSync(join(root, "map-"));
  writeFileSync(join(folder, "out.cjs"), code);
  writeFileSync(join(folder, "out.cjs.map"), map ?? "");
  const program = `require("./out.cjs").${name}()`;
  const { stderr } = spawnSync(process.execPath, ["--enable-source-maps", "-e", program], {
    cwd: folder,
    encoding: "utf8",
  });
  const lines = stderr.split("\n").filter((line) => /^ +at .*index\.cjs/.test(line));
  assert.ok(lines.length > 1, stderr);
  return lines.join("\n").replaceAll(folder, "");
}
