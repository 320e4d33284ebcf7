import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { searchPackagesIn } from "../../src/platform/module-loader.ts";
import { functionErrorOf } from "../../src/runtime/function-error.ts";
import { resolveHandler } from "../../src/runtime/resolve-handler.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("resolveHandler()");
const fixtures = join(import.meta.dirname, "../fixtures/handlers");
const scratch = mkdtempSync(join(tmpdir(), "bootlace-handlers-"));
writePackages();
searchPackagesIn([join(scratch, "layer")]);

const found = [
  ["plain", "index.handler", "index.js"],
  ["plain", "./index.handler", "index.js"],
  ["plain", "index.a.b.handler", "nested"],
  ["plain", "src/sub.mod.fn", "sub"],
  ["plain", "old.handler", "cjs"],
  ["plain", "fresh.handler", "mjs"],
  ["plain", "defaulted.handler", "default"],
  ["plain", "typed.handler", "ts"],
  ["plain", "awaits.handler", "ts with top-level await"],
  ["plain", "typed-module.handler", "mts"],
  ["plain", "typed-common.handler", "cts"],
  ["module", "index.handler", "a module by package.json"],
  ["module", "typed.handler", "typed.ts"],
] as const;

for (const [folder, name, word] of found) {
  test(`finds ${name} in ${folder}`, async () => {
    assert.is(await call(join(fixtures, folder), name), word);
  });
}

test("finds a package beside the handler", async () => {
  assert.is(await call(scratch, "uses-package.handler"), "beside");
});

test("finds a handler that is a package beside the functions", async () => {
  assert.is(await call(scratch, "beside-handler.handler"), "a packaged handler");
});

test("finds a handler in a layer by NODE_PATH", async () => {
  assert.is(await call(join(fixtures, "plain"), "from-layer.handler"), "a handler in a layer");
});

test("finds a handler by an absolute path", async () => {
  assert.is(await call("/", join(fixtures, "plain/index.handler")), "index.js");
});

const refused = [
  ["", "Runtime.MalformedHandlerName", /Bad handler/],
  ["index", "Runtime.MalformedHandlerName", /Bad handler 'index'/],
  ["index.", "Runtime.MalformedHandlerName", /Bad handler/],
  ["../plain/index.handler", "Runtime.MalformedHandlerName", /is not a valid handler name/],
  ["index.nothing", "Runtime.HandlerNotFound", /^index.nothing is undefined or not exported$/],
  ["index.nothing.at.all", "Runtime.HandlerNotFound", /is undefined or not exported/],
  ["index.value", "Runtime.HandlerNotFound", /^index.value is not a function$/],
  ["nowhere.handler", "Runtime.ImportModuleError", /Cannot find module 'nowhere'/],
  ["fs.readFile", "Runtime.ImportModuleError", /Cannot find module 'fs'/],
  ["missing-dependency.handler", "Runtime.ImportModuleError", /Cannot find module 'nowhere-to-be-found'/],
  [
    "missing-sdk.handler",
    "Runtime.ImportModuleError",
    /left-to-the-runtime'(?:.|\n)*\nAWS's SDK is in the managed runtime and not in/,
  ],
  [
    "missing-sdk-import.handler",
    "Runtime.ImportModuleError",
    /left-to-the-runtime'(?:.|\n)*\nAWS's SDK is in the managed/,
  ],
  ["missing-import.handler", "Runtime.ImportModuleError", /Cannot find package 'nowhere-to-be-found'/],
  ["throws.handler", "OutOfCoffee", /^the pot is empty$/],
] as const;

for (const [name, errorType, message] of refused) {
  test(`refuses "${name}" with ${errorType}`, async () => {
    const error = await failure(join(fixtures, "plain"), name);
    assert.is(error.errorType, errorType);
    assert.match(error.errorMessage, message);
  });
}

for (const extension of ["js", "mjs", "cjs", "ts"]) {
  test(`calls a syntax error in a .${extension} file by its name and names the file`, async () => {
    const error = await failure(scratch, `broken-${extension}.handler`);
    assert.is(error.errorType, "Runtime.UserCodeSyntaxError");
    assert.match(error.errorMessage, /SyntaxError/);
    assert.match(
      [error.errorMessage, ...(error.stackTrace ?? [])].join("\n"),
      new RegExp(`broken-${extension}\\.${extension}`),
    );
  });
}

test("says that Node only removes types where a function needs more than that", async () => {
  writeFileSync(join(scratch, "enum.mts"), "enum Color { Red }\nexport const handler = () => Color.Red;");
  const { errorType, errorMessage } = await failure(scratch, "enum.handler");
  assert.is(errorType, "Runtime.UserCodeSyntaxError");
  assert.match(
    errorMessage,
    /TypeScript enum is not supported(?:.|\n)*\nNode only removes types: build what has enums/,
  );
});

test.after(() => rmSync(scratch, { recursive: true }));

async function call(taskRoot: string, name: string): Promise<unknown> {
  const handler = await resolveHandler(taskRoot, name);
  // as: these handlers look at neither of their arguments.
  return handler(undefined, undefined as never, () => {});
}

async function failure(taskRoot: string, name: string) {
  return resolveHandler(taskRoot, name).then(
    () => assert.unreachable(`${name} was found`) as never,
    (error: unknown) => functionErrorOf(error),
  );
}

/** What cannot be kept in the repository: packages (`node_modules` is ignored) and files that no linter can read. */
function writePackages(): void {
  const packages = {
    "node_modules/beside": "module.exports = 'beside'",
    "layer/from-layer": handler("a handler in a layer"),
  };
  const all = { ...packages, "node_modules/beside-handler": handler("a packaged handler") };
  for (const [folder, source] of Object.entries(all)) {
    mkdirSync(join(scratch, folder), { recursive: true });
    writeFileSync(join(scratch, folder, "index.js"), source);
  }
  writeFileSync(join(scratch, "uses-package.js"), "exports.handler = async () => require('beside')");
  for (const extension of ["js", "mjs", "cjs", "ts"])
    writeFileSync(join(scratch, `broken-${extension}.${extension}`), "const a = ;\n");
}

function handler(word: string): string {
  return `exports.handler = async () => ${JSON.stringify(word)}`;
}

test.run();
