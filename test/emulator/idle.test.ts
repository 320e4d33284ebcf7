import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { realFunction } from "./real-function.ts";

const test = suite("an idle environment");

test("is shut down after its time, and the next invocation gets a new one", async () => {
  const closed = Promise.withResolvers<number>();
  const observer = (environmentId: number) => ({
    stepped: (_entry: unknown, _effects: unknown, { phase }: { phase: { at: string } }) => {
      if (phase.at === "closed") closed.resolve(environmentId);
    },
  });
  await using real = await realFunction("answers", { idleTimeoutMs: 20, observer });
  assert.is(await real.ask("echo", { value: 1 }), 1);
  assert.is(await closed.promise, 1);
  assert.is(await real.ask("echo", { value: 2 }), 2);
});

test.run();
