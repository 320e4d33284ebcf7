import { execFileSync } from "node:child_process";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { buildPackage } from "../../src/layer/build-package.ts";
import { hostArchitecture } from "../../src/layer/engine.ts";
import { skip, suite } from "../helpers/suite.ts";

const test = suite("the published package");
const root = mkdtempSync(join(tmpdir(), "bootlace-package-"));
const checkout = join(import.meta.dirname, "../..");
const installed = join(root, "node_modules", "bootlace");
test.after(() => rmSync(root, { recursive: true, force: true }));

mkdirSync(join(root, "node_modules"));
await buildPackage(installed).catch((error) => {
  rmSync(root, { recursive: true, force: true });
  throw error;
});
const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
for (const name of [...Object.keys(manifest.dependencies), "@types", "undici-types"]) {
  mkdirSync(dirname(join(root, "node_modules", name)), { recursive: true });
  symlinkSync(join(checkout, "node_modules", name), join(root, "node_modules", name));
}
const doors = Object.keys(manifest.exports)
  .filter((door) => door !== "./package.json")
  .map((door) => door.replace(".", "bootlace"));

for (const door of doors) {
  test(`opens ${door} as plain JavaScript`, () => {
    const program = `const names = Object.keys(await import(${JSON.stringify(door)})); if (names.length === 0) throw door;`;
    // Without type stripping, so that a forgotten .ts would be seen.
    const args = ["--no-experimental-strip-types", "--input-type=module", "-e", program];
    execFileSync(process.execPath, args, { cwd: root, stdio: "pipe" });
  });
}

test("has types for every door", () => {
  const lines = doors.map((door, index) => `import * as door${index} from "${door}"; export { door${index} };`);
  writeFileSync(join(root, "doors.ts"), lines.join("\n"));
  const compilerOptions = { strict: true, module: "nodenext", noEmit: true, types: ["node"], lib: ["esnext"] };
  writeFileSync(join(root, "package.json"), '{"type":"module"}');
  writeFileSync(join(root, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["doors.ts"] }));
  const tsc = join(checkout, "node_modules/typescript/bin/tsc");
  const said = execFileSync(process.execPath, [tsc, "-p", "."], { cwd: root, encoding: "utf8" });
  assert.is(said, "");
});

test("has a page for a registry without a link to a file, and no page with a link that leads nowhere", () => {
  const pages = globSync("{*,docs/**/*}.md", { cwd: installed });
  assert.ok(pages.includes("docs/manual/write-a-function.md") && !pages.includes("docs/npm-package.md"));
  const links = pages.flatMap((page) => {
    const text = readFileSync(join(installed, page), "utf8").replace(/^```.*?^```$/gms, "");
    return [...text.matchAll(/\]\((?!https?:|#)([^)\s#]+)/g)].map(([, target = ""]) => [page, target] as const);
  });
  assert.ok(links.length > 50);
  assert.equal(
    links.filter(([page, target]) => page === "README.md" || !existsSync(join(installed, dirname(page), target))),
    [],
  );
});

test("builds a function and layers of extensions where it is installed", () => {
  mkdirSync(join(root, "fn"), { recursive: true });
  writeFileSync(join(root, "fn/index.ts"), "export const handler = async (n: number) => n + 1;");
  const program = `
    import { buildFunction, buildLayer } from "bootlace/layer";
    const built = await buildFunction({ directory: "fn", outDir: "out" });
    const layer = await buildLayer({ outFile: "l.zip", level: 1, extensions: ["lifecycle"], bootstrap: "absent" });
    const other = await buildLayer({ outFile: "o.zip", level: 1, extensions: ["otlp"], bootstrap: "absent" });
    console.log(built.file, layer.entries.length, other.entries.map(({ path }) => path).join());`;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd: root, encoding: "utf8" });
  assert.match(said, /^index.mjs 4 extensions\/otlp,bootlace\/extensions\/otlp.mjs,.*@opentelemetry__api.txt/);
});

test("judges an emulator with the executable that it brings", () => {
  const puppet = join(installed, `src/conformance/fixtures/puppet/puppet-${hostArchitecture}`);
  if (!existsSync(puppet))
    skip("the package brings none, since there was no compiler", { allowed: process.env.CI !== "true" });
  const report = join(root, "report.json");
  const run = ["conformance", "run", "emulator", "--only", "SRV-RT-001", "--report", `json=${report}`];
  execFileSync(process.execPath, [join(installed, manifest.bin.bootlace), ...run], { cwd: root });
  const { puppet: played, tally } = JSON.parse(readFileSync(report, "utf8"));
  assert.equal([played, tally.passed], ["native", 1]);
});

test.run();
