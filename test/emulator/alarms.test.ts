import * as assert from "uvu/assert";
import { Alarms } from "../../src/emulator/alarms.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("alarms");

test("for an instant that no timer can wait for are waited for all the same, and quietly", async () => {
  const rung = Promise.withResolvers<string>();
  let asked = 0;
  const now = () => {
    asked += 1;
    return performance.now();
  };
  const alarms = new Alarms<string>(now, rung.resolve);
  alarms.set("never", Number.POSITIVE_INFINITY);
  alarms.set("soon", performance.now() + 50);
  assert.is(await rung.promise, "soon");
  alarms.clear("never");
  // Each was set once and has looked once, and a timer may fire a little early.
  assert.ok(asked < 8, `asked for the time ${asked} times`);
});

test.run();
