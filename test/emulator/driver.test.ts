import * as assert from "uvu/assert";
import type { Effect } from "../../src/core/environment/effect.ts";
import { Driver } from "../../src/emulator/driver.ts";
import { usualSettings } from "../helpers/play.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the driver");

test("takes what happens while it works after what it works on", () => {
  const order: string[] = [];
  const driver: Driver = new Driver(usualSettings, {
    now: () => 0,
    perform: (effect: Effect) => {
      if (effect.type === "start-process") driver.accept({ type: "runtime-next", call: 1 });
      order.push(`performs ${effect.type}`);
    },
    settled: ({ input }) => order.push(`has taken ${input.type}`),
  });
  driver.accept({ type: "init" });
  assert.ok(order.indexOf("performs start-process") < order.indexOf("has taken init"));
  assert.ok(order.indexOf("has taken init") < order.indexOf("has taken runtime-next"));
  assert.is(driver.environment.phase.at, "idle");
});

test("keeps the last 10,000 inputs and no more", () => {
  let taken = 0;
  const driver = new Driver(usualSettings, { now: () => taken, perform: () => {}, settled: () => (taken += 1) });
  for (let call = 1; call <= 25_000; call++) driver.accept({ type: "call-dropped", call });
  assert.is(taken, 25_000);
  assert.is(driver.journal.length, 10_000);
  assert.equal(driver.journal.at(-1), { at: 24_999, input: { type: "call-dropped", call: 25_000 } });
  assert.is(driver.journal[0]?.at, 15_000);
});

test.run();
