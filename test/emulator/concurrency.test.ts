/** Several callers of one function, and callers that leave. */
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { type Play, played } from "./in-process-runtime.ts";
import { arn, header, invoke } from "./invoke-requests.ts";
import { exchange, rawClient, request } from "./raw-client.ts";

const test = suite("the Invoke API");

const echo: Play = ({ event }) => event;

test("gives concurrent invocations environments of their own, and the one beyond them 429", async () => {
  const gate = new Gate();
  await using service = await played(({ event }) => gate.passed.then(() => event), { environmentsMax: 3 });
  const answers = [1, 2, 3].map((n) => exchange(service.address, invoke({}, String(n))));
  while ((await service.lambda.environments()).length < 3) await exchange(service.address, request("GET /"));
  const refused = await exchange(service.address, invoke({ "X-Amzn-RequestId": "one-too-many" }, "4"));
  const body =
    '{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}';
  assert.is(`${refused.status} ${refused.body}`, `429 ${body}`);
  assert.is(header(refused, "X-Amzn-ErrorType"), "TooManyRequestsException");
  gate.open();
  assert.equal(
    (await Promise.all(answers)).map(({ body: payload }) => payload.toString()),
    ["1", "2", "3"],
  );
  for (const environment of await service.lambda.environments()) await environment.available();
  assert.is((await exchange(service.address, invoke({}, "5"))).body.toString(), "5");
  assert.is((await service.lambda.environments()).length, 3);
});

test("one after another, invocations stay in one environment", async () => {
  await using service = await played(echo);
  using client = await rawClient(service.address);
  for (let n = 0; n < 20; n++) {
    assert.is((await client.write(invoke({}, String(n))).response())?.body.toString(), String(n));
    for (const environment of await service.lambda.environments()) await environment.available();
  }
  assert.is((await service.lambda.environments()).length, 1);
});

test("two callers may choose the same request id at the same time", async () => {
  const gate = new Gate();
  await using service = await played(({ event }) => gate.passed.then(() => event));
  const answers = ["1", "2"].map((n) => exchange(service.address, invoke({ "X-Amzn-RequestId": "same" }, n)));
  while ((await service.lambda.environments()).length < 2) await exchange(service.address, request("GET /"));
  gate.open();
  assert.equal(
    (await Promise.all(answers)).map(({ body }) => body.toString()),
    ["1", "2"],
  );
});

test("a caller that hangs up does not stop its invocation", async () => {
  const begun = new Gate();
  const gate = new Gate();
  const finished = new Gate();
  await using service = await played(async () => {
    begun.open();
    await gate.passed;
    finished.open();
    return "1";
  });
  const client = await rawClient(service.address);
  client.write(invoke());
  await begun.passed;
  client.socket.destroy();
  gate.open();
  await finished.passed;
  const [environment] = await service.lambda.environments();
  await environment?.available();
  assert.is(environment?.state.phase.at, "idle");
  assert.is((await exchange(service.address, invoke({}, "2"))).body.toString(), "1");
});

test("a function that was closed takes no more invocations", async () => {
  await using service = await played(echo);
  await service.lambda.close();
  const invocation = { requestId: "r", invocationId: "i", event: Buffer.from("{}"), invokedFunctionArn: arn };
  const outcome = await service.lambda.invoke(invocation).then(String, (error: Error) => error.message);
  assert.is(outcome, "Cannot invoke: the function has been closed");
});

/** Something that several wait for and one opens. */
class Gate {
  open: () => void = () => {};
  readonly passed = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

test.run();
