import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { bundledFixture } from "./bundled-fixture.ts";
import { deliver, peerProcess } from "./peer-process.ts";

const test = suite("stacks");
const fixture = await bundledFixture("mapped/source.ts", { minify: true });
writeFileSync(
  join(fixture.taskRoot, "mapping.js"),
  'process.setSourceMapsEnabled(true); exports.handler = require("./index.js").handler;',
);
test.after(() => fixture[Symbol.dispose]());

for (const [name, env] of [
  ["NODE_OPTIONS", { NODE_OPTIONS: "--enable-source-maps" }],
  ["the function itself", { _HANDLER: "mapping.handler" }],
] as const) {
  test(`lead to the source when ${name} turns source maps on, in the error and in the log`, async () => {
    await using runtime = await peerProcess({ task: fixture.taskRoot, env });
    const peer = await runtime.peer();
    await deliver(peer, "a", {});
    const { line, head, body } = await peer.request();
    assert.match(line, "/a/error ");
    const { stackTrace } = JSON.parse(body.toString());
    assert.match(stackTrace[1], /^ {4}at refuse \(.*mapped\/source\.ts:6:9\)$/);
    assert.not.match(stackTrace.join("\n"), /src\/runtime/);
    const { stack } = JSON.parse(/\t(\{.*\})\n/.exec(runtime.output)?.[1] ?? "");
    assert.equal(stack, stackTrace);
    const cause = JSON.parse(/^Lambda-Runtime-Function-XRay-Error-Cause: (.*)\r$/m.exec(head)?.[1] ?? "");
    assert.is(cause.exceptions[0].type, "RangeError");
    assert.match(cause.exceptions[0].stack[0].path, /mapped\/source\.ts$/);
    assert.is(cause.exceptions[0].stack[0].line, 6);
  });
}

test("lead to what runs when nobody asks for source maps", async () => {
  await using runtime = await peerProcess({ task: fixture.taskRoot });
  const peer = await runtime.peer();
  await deliver(peer, "a", {});
  const { body } = await peer.request();
  const { stackTrace } = JSON.parse(body.toString());
  assert.match(stackTrace[1], /\/index\.js:\d+:\d+\)$/);
  // The function ends there, and so does the stack: what called it is Node's and the runtime's.
  assert.match(stackTrace.at(-1), /\/index\.js:\d+:\d+\)?$/);
});

test.run();
