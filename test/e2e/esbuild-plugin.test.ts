/** A custom runtime by somebody's own esbuild, from its source to a function that runs on it. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import * as assert from "uvu/assert";
import type { BuiltLayer } from "../../src/layer/build-layer.ts";
import { hostArchitecture } from "../../src/layer/engine.ts";
import { type RuntimePluginOptions, runtimeLayerPlugin } from "../../src/layer/index.ts";
import { rejects, suite } from "../helpers/suite.ts";

const test = suite("runtimeLayerPlugin()");
const patient = { timeoutMs: 180_000 };
const root = join(import.meta.dirname, "../..");
const shell = join(root, "examples/runtime-shell");
const folder = mkdtempSync(join(tmpdir(), "bootlace-test-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

async function built(options: RuntimePluginOptions, own: BuildOptions = {}): Promise<readonly BuiltLayer[]> {
  const layers: BuiltLayer[] = [];
  await build({
    entryPoints: [join(shell, "bootstrap.ts")],
    outfile: join(folder, "own.cjs"),
    logLevel: "silent",
    plugins: [runtimeLayerPlugin({ ...options, level: 1, built: (made) => layers.push(...made) })],
    ...own,
  });
  return layers;
}

function invoked(layer: string): string {
  const options = ["--layer", layer, "--handler", "hello.handler", "-e", "-"];
  const command = [join(root, "src/cli/main.ts"), "invoke", shell, ...options];
  const { stdout, stderr } = spawnSync(process.execPath, command, { encoding: "utf8", input: '{"x":1}' });
  return stdout.trim() || stderr;
}

test(
  "makes a small layer of a build that was written, with the options it had",
  async () => {
    const own = { define: { "process.env.NOBODY": '"defined by us"' }, minify: true, sourcemap: true };
    const [layer] = await built({ onLayer: join(folder, "small.zip") }, own);
    assert.ok(layer !== undefined && layer.unzippedBytes < 200_000);
    assert.ok(existsSync(join(folder, "own.cjs")));
    assert.is(invoked(layer.file), '{"hello":{"x":1}}');
  },
  patient,
);

test(
  "makes a layer that stands alone of a build that is not written",
  async () => {
    const outFile = () => join(folder, "alone.zip");
    const target = { architectures: [hostArchitecture], engine: "node24", outFile } as const;
    const [layer] = await built(target, { write: false, outfile: join(folder, "unwritten.cjs") });
    assert.not.ok(existsSync(join(folder, "unwritten.cjs")));
    assert.ok(layer?.entries.some(({ path, mode }) => path === "bootstrap" && mode === 0o755));
    assert.is(invoked(layer?.file ?? ""), '{"hello":{"x":1}}');
  },
  patient,
);

test("brings the licences of what was bundled, wherever the build runs", async () => {
  const entry = join(root, "test/layer/imports-a-package.ts");
  const [layer] = await built(
    { onLayer: join(folder, "licences.zip") },
    { entryPoints: [entry], absWorkingDir: folder },
  );
  assert.ok(
    layer?.entries.some(({ path }) => /^LICENSES\/(?!bootlace)/.test(path)),
    JSON.stringify(layer?.entries),
  );
});

const importsNobody = join(folder, "imports-nobody.mjs");
writeFileSync(importsNobody, 'import nobody from "nobody"; nobody();');
for (const [what, own, problem] of [
  ["another format", { format: "esm" }, /say "bundle: true"/],
  [
    "several entries",
    { entryPoints: [importsNobody, join(shell, "bootstrap.ts")], outfile: "", outdir: folder, external: ["nobody"] },
    /makes 2: name one entry/,
  ],
  ["a package that stays outside", { entryPoints: [importsNobody], external: ["nobody"] }, /"nobody" is not where/],
  ["a source with a mistake", { entryPoints: [importsNobody] }, /Could not resolve "nobody"/],
] as const) {
  test(`makes nothing of ${what}, and says why`, async () => {
    const outFile = join(folder, "nothing.zip");
    const { outfile, ...rest } = { outfile: join(folder, "x.cjs"), ...own } as BuildOptions;
    await rejects(
      built({ onLayer: outFile }, { ...rest, ...(outfile ? { outfile } : { outfile: undefined }) } as BuildOptions),
      problem,
    );
    assert.not.ok(existsSync(outFile));
  });
}

test.run();
