/** A function whose code changes while it is invoked. */
import * as assert from "uvu/assert";
import { ReloadingFunction } from "../../src/cli/dev/reloading-function.ts";
import { LambdaFunction } from "../../src/emulator/lambda-function.ts";
import { inProcess, type Play } from "../emulator/in-process-runtime.ts";
import { rejects, suite } from "../helpers/suite.ts";

const test = suite("a reloading function");

test("hands invocations to the newest version, and lets one in hand end where it began", async () => {
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const old = await version(async () => {
    begun.resolve();
    await go.promise;
    return '"old"';
  });
  await using lambda = new ReloadingFunction(old.lambda);
  const inHand = lambda.invoke(invocation("a"));
  await begun.promise;
  const replaced = lambda.replace((await version(() => '"new"')).lambda);
  assert.is(await text(lambda.invoke(invocation("b"))), '"new"');
  assert.is(old.closed(), false);
  go.resolve();
  assert.is(await text(inHand), '"old"');
  await replaced;
  assert.is(old.closed(), true);
});

test("closes a version at once that nobody uses", async () => {
  const old = await version(() => "1");
  await using lambda = new ReloadingFunction(old.lambda);
  await (await lambda.invoke(invocation("a"))).logTail;
  await lambda.replace((await version(() => "2")).lambda);
  assert.is(old.closed(), true);
});

test("counts an invocation that was refused as ended", async () => {
  const old = await version(() => "1", 0);
  await using lambda = new ReloadingFunction(old.lambda);
  await rejects(lambda.invoke(invocation("a")), /Rate Exceeded/);
  await lambda.replace((await version(() => "2")).lambda);
  assert.is(old.closed(), true);
});

test("closes every version that is still there", async () => {
  const begun = Promise.withResolvers<void>();
  const old = await version(() => {
    begun.resolve();
    return new Promise(() => {});
  });
  const lambda = new ReloadingFunction(old.lambda);
  const inHand = lambda.invoke(invocation("a"));
  await begun.promise;
  const newer = await version(() => "2");
  const replaced = lambda.replace(newer.lambda);
  await lambda.close();
  assert.match(await text(inHand), /Sandbox\.Failure/);
  await replaced;
  assert.equal([old.closed(), newer.closed()], [true, true]);
});

test("closes a version that comes after its end", async () => {
  const lambda = new ReloadingFunction((await version(() => "1")).lambda);
  await lambda.close();
  const late = await version(() => "2");
  await lambda.replace(late.lambda);
  assert.is(late.closed(), true);
});

async function version(play: Play, environmentsMax = 1) {
  const isolation = { kind: "none", reason: "a test" } as const;
  const task = import.meta.dirname;
  const supervise = inProcess(play);
  // An invocation waits here for what a busy machine does meanwhile.
  const lambda = await LambdaFunction.create({ task, isolation, environmentsMax, timeoutMs: 60_000, supervise });
  const close = lambda.close.bind(lambda);
  let closed = false;
  lambda.close = async () => {
    await close();
    closed = true;
  };
  return { lambda, closed: () => closed };
}

async function text(placed: ReturnType<LambdaFunction["invoke"]>): Promise<string> {
  return Buffer.from((await placed).payload).toString();
}

function invocation(requestId: string) {
  const invokedFunctionArn = "arn:aws:lambda:us-east-1:123456789012:function:function";
  return { requestId, invocationId: `${requestId}-1`, event: Buffer.from("{}"), invokedFunctionArn };
}

test.run();
