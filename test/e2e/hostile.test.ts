/** Our runtime on a wire that has bad days. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { emulate } from "../../src/emulator/emulate.ts";
import { hostilePlan } from "../../src/faults/hostile.ts";
import { openLocalLayer } from "../../src/layer/local-layer.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("a hostile wire:");

const task = mkdtempSync(join(tmpdir(), "hostile-"));
writeFileSync(join(task, "index.mjs"), "export const handler = async (event) => event;\n");
const runtime = await openLocalLayer();
test.after(() => {
  runtime.remove();
  rmSync(task, { recursive: true, force: true });
});

for (const seed of [1, 2]) {
  test(
    `our runtime answers every event all the same, with seed ${seed}`,
    async () => {
      const options = { task, layers: [runtime.folder], environmentsMax: 1, timeoutMs: 30_000 };
      await using lambda = await emulate({ ...options, faults: hostilePlan(seed) });
      for (let number = 0; number < 60; number += 1) {
        const result = await lambda.invoke({ number });
        await result.logTail;
        assert.equal(result.json(), { number });
      }
      const [environment] = await lambda.environments();
      const kinds = new Set(environment?.faults.map(({ fault }) => fault.type));
      assert.ok(kinds.size >= 8, `Too little went wrong: ${[...kinds].join(", ")}`);
    },
    { timeoutMs: 60_000 },
  );
}

test.run();
