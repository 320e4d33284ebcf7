import * as assert from "uvu/assert";
import { emulate } from "../../src/emulator/emulate.ts";
import { rejects, suite } from "../helpers/suite.ts";

const test = suite("a function");

const nowhere = { kind: "none", reason: "a test" } as const;
const cannot = () => {
  throw new Error("This machine is full");
};

test("whose environments cannot be made says so to each caller, throttles nobody, and can be closed", async () => {
  await using lambda = await emulate({
    task: import.meta.dirname,
    isolation: nowhere,
    environmentsMax: 1,
    supervise: cannot,
  });
  await rejects(lambda.invoke(1), /This machine is full/);
  await rejects(lambda.invoke(2), /This machine is full/);
  assert.equal(await lambda.environments(), []);
});

test("without a bootstrap anywhere says so, and what brings one", async () => {
  await using lambda = await emulate({ task: import.meta.dirname, isolation: nowhere });
  const { payload, functionError } = await lambda.invoke({});
  const { errorType, errorMessage } = JSON.parse(Buffer.from(payload).toString());
  assert.equal([functionError, errorType], ["Unhandled", "Runtime.InvalidEntrypoint"]);
  assert.match(errorMessage, /Error: there is no bootstrap in \/var\/task or \/opt: add a layer with one, such as /);
});

test("with a provisioned environment that cannot be made says so at once", async () => {
  const options = { task: import.meta.dirname, isolation: nowhere, provisioned: 1, supervise: cannot };
  await rejects(emulate(options), /This machine is full/);
});

test.run();
