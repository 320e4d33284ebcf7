/** House rules that matter, kept by a test. The reasons stand in docs/ARCHITECTURE.md and docs/STYLE.md. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "./helpers/suite.ts";

const root = join(import.meta.dirname, "..");

/** Runs subjects in our emulator, or with its processes. */
const harness = ["src/conformance/", "src/faults/", "src/protocol/", "src/platform/", "src/emulator/", "node"];

/** Who may import whom: `own` is the room itself, `node` and `npm:x` are what they say. docs/ARCHITECTURE.md, section 4 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "src/protocol/": ["src/protocol/"],
  "src/protocol/schema/": ["src/protocol/", "npm:zod"],
  "src/core/": ["src/core/", "src/protocol/"],
  "src/platform/": ["src/platform/", "node", "npm:yauzl", "npm:pako"],
  "src/runtime/": ["src/runtime/", "src/protocol/", "src/platform/", "node"],
  "src/runtime/main.ts": ["src/runtime/", "src/platform/", "src/extension/run-extension.ts", "node"],
  "src/events/": ["src/events/", "npm:zod"],
  "src/extension/": ["src/extension/", "src/protocol/", "src/platform/", "node"],
  "src/simulation/": ["src/simulation/", "src/core/", "src/protocol/"],
  "src/faults/": ["src/faults/", "src/protocol/", "src/platform/", "node", "npm:zod"],
  "src/emulator/": ["src/emulator/", "src/faults/", "src/core/", "src/protocol/", "src/platform/", "node", "npm:zod"],
  "src/conformance/": ["src/conformance/", "src/faults/", "src/protocol/", "src/platform/", "node", "npm:zod"],
  "src/conformance/harness-extension.ts": harness,
  "src/conformance/harness-runtime.ts": harness,
  "src/conformance/subject-place.ts": harness,
  "src/layer/": [
    "src/layer/",
    "src/protocol/",
    "src/platform/",
    "layer/",
    "node",
    "npm:esbuild",
    "npm:postject",
    "npm:acorn",
    "npm:eslint-scope",
    "npm:@jridgewell/sourcemap-codec",
  ],
  "src/cli/": ["src/", "layer/", "node", "npm:zod"],
  // The projects that it writes are text here, and import what a stranger would.
  "src/cli/new/": ["src/cli/new/", "npm:bootlace", "node"],
  "layer/": ["layer/"],
  "extensions/": ["npm:bootlace"],
  "extensions/otlp/": [
    "extensions/otlp/",
    "node",
    "npm:bootlace",
    "node",
    "npm:@opentelemetry/api",
    "npm:@opentelemetry/otlp-transformer",
    "npm:@opentelemetry/resources",
    "npm:@opentelemetry/sdk-metrics",
  ],
  "extensions/recorder/": ["extensions/recorder/", "npm:bootlace"],
  "examples/": ["npm:bootlace", "node"],
};

/** What the compiled bootstrap carries must start fast, so it never parses schemas and never speaks through node:http. */
const startPath = ["src/runtime/", "src/extension/", "src/platform/http-", "src/platform/module-loader.ts"];

/** Part of an extension's own bundle, and not of bootstrap's: a test of that bundle holds it to this list too. */
const besideStartPath = ["src/extension/telemetry/", "src/extension/recording/"];
const slowModules = ["node:http", "node:https", "node:http2", "node:tls", "npm:undici", "npm:zod"];

const linesMax = 400;
const functionLinesMax = 70;

interface Import {
  readonly file: string;
  readonly target: string;
}

const sources = globSync(["src/**/*.{ts,mjs}", "layer/**/*.ts", "extensions/**/*.ts", "examples/**/*.ts"], {
  cwd: root,
  exclude: (path) => path.includes("fixtures") || path.includes("node_modules"),
}).sort();
const imports = sources.flatMap(importsOf);

const test = suite("tidy:");

test("there are sources to look at", () => assert.ok(sources.length > 50 && imports.length > 200));

test("every room imports only what the table allows", () => {
  assert.equal(imports.filter((found) => !allowed(found)).map(say), []);
});

test("every source has a row in the table", () => {
  assert.equal(
    sources.filter((file) => ruleFor(file) === undefined),
    [],
  );
});

test("what bootstrap carries imports nothing that is slow to start", () => {
  const slow = imports.filter(
    ({ file, target }) =>
      startPath.some((prefix) => file.startsWith(prefix)) &&
      !besideStartPath.some((prefix) => file.startsWith(prefix)) &&
      slowModules.includes(target),
  );
  assert.equal(slow.map(say), []);
});

test("pure rooms have no clock, no chance and no machine", () => {
  const impure =
    /\b(Date\.now|new Date|performance\.|Math\.random|setTimeout|setInterval|process\.(env|argv|exit|hrtime|cwd|platform|stdout|stderr|on)|crypto\.)/;
  const pure = sources.filter((file) => /^src\/(protocol|core|simulation)\//.test(file) && !file.endsWith("/main.ts"));
  assert.equal(
    pure.filter((file) => impure.test(withoutComments(file))),
    [],
  );
});

test("files of the package are found through platform/package-root.ts, since a program may bring the package inside", () => {
  const byPlace =
    /\b(join|resolve|dirname|URL|Worker|createRequire)\([^"'`\n]*import\.meta|new URL\([^)\n]*import\.meta/;
  const others = sources.filter((file) => /^src\/.*\.ts$/.test(file));
  assert.equal(
    others.filter((file) => byPlace.test(withoutComments(file))),
    [],
  );
});

test("only the clock reads the machine's time in the emulator", () => {
  const reads = sources.filter((file) => file.startsWith("src/emulator/"));
  assert.equal(
    reads.filter((file) => /\b(Date\.now|performance\.now)\b/.test(withoutComments(file))),
    [],
  );
});

test(`files have at most ${linesMax} lines`, () => {
  assert.equal(
    sources.filter((file) => read(file).split("\n").length > linesMax),
    [],
  );
});

test(`functions have at most ${functionLinesMax} lines`, () => {
  assert.equal(sources.flatMap(longFunctions), []);
});

test("there are no default exports, no enums, no barrels of stars", () => {
  const banned = /^export default|^export \*|^(export )?(const )?enum /m;
  assert.equal(
    sources.filter((file) => banned.test(read(file))),
    [],
  );
});

test("no file names a package registry's host", () => {
  const hosts = /https?:\/\/[a-z0-9.-]*(registry|pypi|crates|maven|proxy\.golang)[a-z0-9.-]*\//;
  const files = globSync(["**/*.{ts,mjs,json,md}", ".npmrc", ".ci/run"], {
    cwd: root,
    exclude: (path) => path.includes("node_modules") || path.startsWith("dist"),
  });
  assert.equal(
    files.filter((file) => file !== "test/tidy.test.ts" && hosts.test(read(file))),
    [],
  );
});

test.run();

function importsOf(file: string): readonly Import[] {
  const statements =
    /^(?:import\b[^;"'()]*?|export\s+(?:type\s+)?(?:\{[^}]*\}|\*)\s*)from\s+["']([^"']+)["']|^import\s+["']([^"']+)["']|\bimport\(["']([^"']+)["']\)/gm;
  const found = [...read(file).matchAll(statements)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
  return found.map((specifier) => ({ file, target: targetOf(file, specifier) }));
}

function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith(".")) return normalize(join(dirname(file), specifier));
  if (specifier.startsWith("node:")) return specifier;
  return `npm:${specifier.startsWith("@") ? specifier : specifier.split("/")[0]}`;
}

/** The longest prefix wins, so that a file may have a row of its own. */
function ruleFor(file: string): readonly string[] | undefined {
  const prefix = Object.keys(mayImport).filter((candidate) => file.startsWith(candidate));
  return mayImport[prefix.sort((a, b) => b.length - a.length)[0] ?? ""];
}

function allowed({ file, target }: Import): boolean {
  const rule = ruleFor(file) ?? [];
  if (target.startsWith("node:")) return rule.includes("node");
  if (target.startsWith("npm:")) return rule.includes(target);
  if (/^src\/(runtime|extension)\//.test(file) && target.startsWith("src/protocol/schema/")) return false;
  return rule.some((prefix) => target.startsWith(prefix));
}

function say({ file, target }: Import): string {
  return `${file} imports ${target}`;
}

function longFunctions(file: string): readonly string[] {
  const lines = read(file).split("\n");
  return lines.flatMap((line, index) => {
    const indent = /^( *)(?:export )?(?:async )?(?:function |(?:static )?(?:async )?[#\w]+\(.*\{$)/.exec(line)?.[1];
    if (indent === undefined) return [];
    // Methods of an object end in a comma.
    const length = lines.slice(index).findIndex((end) => end === `${indent}}` || end === `${indent}},`);
    return length > functionLinesMax ? [`${file}:${index + 1}`] : [];
  });
}

function withoutComments(file: string): string {
  return read(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
}

function read(file: string): string {
  return readFileSync(join(root, relative(root, join(root, file))), "utf8");
}
