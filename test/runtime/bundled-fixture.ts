import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "../..");

/** A fixture as strangers ship one: bundled into a task root of its own, with its copy of this package inside. */
export async function bundledFixture(source: string, options: { readonly minify?: boolean } = {}) {
  const taskRoot = mkdtempSync(join(tmpdir(), "bootlace-fixture-"));
  await build({
    entryPoints: [join(root, "test/fixtures/handlers", source)],
    outfile: join(taskRoot, "index.js"),
    bundle: true,
    platform: "node",
    format: "cjs",
    sourcemap: "linked",
    logLevel: "silent",
    ...options,
  });
  return { taskRoot, [Symbol.dispose]: () => rmSync(taskRoot, { recursive: true }) };
}
