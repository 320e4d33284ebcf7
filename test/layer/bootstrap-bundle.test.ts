import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { bundleBootstrap } from "../../src/layer/build-bootstrap.ts";
import { rejects, suite } from "../helpers/suite.ts";

const test = suite("the bundle of bootstrap");
const { metafile, warnings, code } = await bundleBootstrap();
const inputs = Object.keys(metafile.inputs);
const builtins = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));

test("is made without a warning", () => {
  assert.equal(warnings, []);
});

test("holds the runtime and no package at all", () => {
  assert.ok(inputs.includes("src/runtime/main.ts"));
  assert.equal(
    inputs.filter((input) => !/^src\/(protocol|runtime|extension|platform)\//.test(input)),
    [],
  );
});

// Measured on the way to the first `next`: http 4 ms, tls 19 ms, http2 17 ms, undici whole 72 ms, zlib 3 ms.
for (const slow of ["http", "https", "http2", "tls", "undici", "zlib", "worker_threads", "inspector"]) {
  test(`does not import ${slow} on the way to the first invocation`, () => {
    assert.equal(
      builtins.filter((path) => path.replace("node:", "") === slow),
      [],
    );
  });
}

test("is refused when it would lose import.meta", async () => {
  const entry = join(mkdtempSync(join(tmpdir(), "bootlace-meta-")), "main.ts");
  writeFileSync(entry, "console.log(import.meta.url);");
  await rejects(bundleBootstrap(entry), /"import\.meta" is not available .* \(.*main\.ts:1:13\)$/).finally(() =>
    rmSync(dirname(entry), { recursive: true }),
  );
});

test("stays small", () => {
  assert.ok(code.byteLength < 150_000, `${code.byteLength} bytes`);
});

test.run();
