import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { temporaryFolder } from "../../../src/platform/temporary-folder.ts";
import { wasiHandler } from "../../../src/runtime/parts/wasi-handler.ts";
import { rejects, suite } from "../../helpers/suite.ts";

const test = suite("a WebAssembly module");
const fixture = (language: string) =>
  join(import.meta.dirname, `../../fixtures/runtimes/wasi-${language}/function.wasm`);

for (const language of ["c", "rust"]) {
  test(`from ${language} answers byte for byte, a fresh instance for each event`, async () => {
    const handler = await wasiHandler(fixture(language));
    const ask = (event: string) => handler({ requestId: "a", invokedFunctionArn: "arn", event: Buffer.from(event) });
    for (const event of ['{"x":"☃"}', "", "\0\n\0"]) assert.equal(await ask(event), Buffer.from(event));
    const big = await ask('{"op":"big","bytes":6000000}');
    assert.is(big instanceof Uint8Array && big.length, 6_000_000);
    const thrown = await rejects(ask('{"op":"throw"}'), /^thrown on purpose$/);
    assert.is(thrown.name, "Runtime.ExitError");
    assert.is((await rejects(ask('{"op":"exit","code":3}'), /exited with status 3/)).name, "Runtime.ExitError");
    assert.is((await rejects(ask('{"op":"unserialisable"}'), /./)).name, "Runtime.Trap");
    assert.equal(await ask("again"), Buffer.from("again"));
  });
}

/** The eight bytes that every module begins with, and no more. */
const empty = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

for (const [what, content, expected] of [
  ["a file that is none", Buffer.from("hello"), /Runtime.UserCodeSyntaxError/],
  ["a module without a start", empty, /Runtime.HandlerNotFound.*_start/],
] as const) {
  test(`does not load: ${what}`, async () => {
    const folder = temporaryFolder("bootlace-test-");
    const file = join(folder.path, "x.wasm");
    writeFileSync(file, content);
    const error = await rejects(wasiHandler(file), /./);
    assert.match(`${error.name} ${error.message}`, expected);
  });
}

test("does not load: no file", async () => {
  assert.is((await rejects(wasiHandler("/no/such.wasm"), /Cannot read the module/)).name, "Runtime.ImportModuleError");
});

test.run();
