/** Functions that take away what the runtime itself stands on: as released, it has kept its own. */
import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { keptGlobals } from "../../src/layer/kept-globals.ts";
import { temporaryFolder } from "../../src/platform/temporary-folder.ts";
import { shippedRuntime } from "../helpers/shipped-runtime.ts";
import { suite } from "../helpers/suite.ts";
import { PeerServer } from "../runtime/peer.ts";
import { accepted, deliver } from "../runtime/peer-process.ts";

const test = suite("a function that replaces");
const { path: root } = temporaryFolder("bootlace-test-");
test.after(() => rmSync(root, { recursive: true, force: true }));
const command = await shippedRuntime();

writeFileSync(
  join(root, "index.js"),
  `const error = new RangeError("as agreed");
const { NAMES, WHEN } = process.env;
const names = NAMES.split(",");
const replace = () => { for (const name of names) globalThis[name] = undefined; };
if (WHEN === "init") replace();
exports.handler = async (event) => {
  if (WHEN === "invoke") replace();
  if (event.fails) throw error;
  return { "answered": "yes" };
};`,
);

for (const when of ["init", "invoke"])
  for (const names of [["Buffer"], keptGlobals])
    test(`${names.length === 1 ? names : "all that the runtime uses"} in its ${when} is answered, and its errors are`, async () => {
      await using server = new PeerServer();
      const env = {
        PATH: "/usr/bin:/bin",
        AWS_LAMBDA_RUNTIME_API: await server.listen(),
        LAMBDA_TASK_ROOT: root,
        _HANDLER: "index.handler",
        NAMES: names.join(),
        WHEN: when,
      };
      const child = spawn(command, [], { env, stdio: "ignore" });
      try {
        const peer = await server.peer();
        for (const [id, event, path, said] of [
          ["a", {}, "response", { answered: "yes" }],
          ["b", { fails: true }, "error", { errorType: "RangeError", errorMessage: "as agreed" }],
          ["c", {}, "response", { answered: "yes" }],
        ] as const) {
          await deliver(peer, id, event);
          const { head, body } = await peer.request();
          assert.match(head, `/invocation/${id}/${path} `);
          const { stackTrace: _, ...rest } = JSON.parse(body.toString());
          assert.equal(rest, said);
          peer.write(accepted);
        }
      } finally {
        child.kill("SIGKILL");
      }
    });

test.run();
