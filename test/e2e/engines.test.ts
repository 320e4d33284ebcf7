import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { hostArchitecture } from "../../src/layer/engine.ts";
import { fetchEngine } from "../../src/layer/fetch-package.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("What depends on the engine");
const run = promisify(execFile);

/** The tests of whatever stands on things that Node promises nothing about; `npm test` runs them on Node 24. */
const files = ["http-client", "http-upload", "tcp-of-engine"].map((name) =>
  join(import.meta.dirname, `../platform/${name}.test.ts`),
);

test(
  "holds on the Node 26 of the layers",
  async () => {
    const { node } = await fetchEngine("node26", hostArchitecture);
    for (const file of files) {
      const { stdout } = await run(node, [file]);
      assert.match(stdout, /Total: +(\d+)\n +Passed: +\1\n/, stdout);
      if (!file.includes("tcp-of-engine")) assert.match(stdout, /over the engine/);
    }
  },
  { timeoutMs: 240_000 },
);

test.run();
