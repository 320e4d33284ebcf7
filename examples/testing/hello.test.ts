// A function in its own tests, with Node's test runner; any other one does as well.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { emulate } from "bootlace/emulator";
import { openLocalLayer } from "bootlace/layer";

const task = join(import.meta.dirname, "../hello");
const runtime = await openLocalLayer();
after(() => runtime.remove());

test("greets whoever calls", async () => {
  await using lambda = await emulate({ task, layers: [runtime.folder] });
  const result = await lambda.invoke({ queryStringParameters: { name: "Ada" } });
  assert.equal(result.functionError, undefined);
  assert.match(String(JSON.stringify(result.json())), /Hello, Ada!/);
});

test("is frozen between invocations, and says so in its journal", async () => {
  await using lambda = await emulate({ task, layers: [runtime.folder] });
  for (const name of ["Ada", "Grace"]) {
    const result = await lambda.invoke({ queryStringParameters: { name } });
    await result.logTail; // The Invoke phase is over, and its END and REPORT lines are in here.
  }
  const [journal, ...more] = await lambda.journals();
  assert.deepEqual(more, [], "one environment served both");
  const invocations = journal?.entries.filter(({ input }) => input.type === "invoke");
  assert.equal(invocations?.length, 2);
});

test("answers on a wire that is no good, too", async () => {
  const faults = { faults: [{ type: "split", answer: { event: "each" }, bytes: 3 }] } as const;
  await using lambda = await emulate({ task, layers: [runtime.folder], faults });
  assert.equal((await lambda.invoke({})).functionError, undefined);
});
