/** Fault plans as data: read strictly, told in words, and the same again for the same seed. */
import * as assert from "uvu/assert";
import { explainPlan } from "../../src/faults/explain.ts";
import { type FaultPlanInput, parseFaultPlan } from "../../src/faults/fault.ts";
import { FaultInjector } from "../../src/faults/fault-injector.ts";
import { hostilePlan } from "../../src/faults/hostile.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("a fault plan");

test("is told in words, a sentence for each fault", () => {
  const plan: FaultPlanInput = {
    seed: 7,
    faults: [
      { type: "delay", answer: { call: "next", nth: 2 }, ms: 500 },
      { type: "status", answer: { call: "response", nth: { every: 3 } }, status: 500, errorType: "Odd" },
      { type: "refuse-early", answer: { call: "response", nth: "each" }, status: 413 },
      { type: "reset", answer: { event: 1 }, chance: 0.025, afterBytes: 1 },
      { type: "close", answer: "each", silent: true },
      { type: "clock-skew", answer: { event: { every: 2 } }, ms: -60_000 },
      { type: "split", answer: { method: "GET", path: "/a", nth: 1 }, bytes: 7 },
      { type: "trickle", answer: { event: "each" }, pieces: 4, gapMs: 20 },
    ],
  };
  assert.equal(explainPlan(parseFaultPlan(plan)), [
    '1. The answer to "next" call number 2: it comes 500 ms late',
    '2. The answer to every 3rd "response" call: the service takes the call, and its client is told 500 Odd',
    '3. The answer to each "response" call: 413 at once, and the connection ends; the service never sees the call',
    "4. The answer with event number 1, with a chance of 2.5 %: the connection is reset after 1 byte",
    "5. Every answer: the connection ends with it, and nothing says so before",
    "6. The answer with every 2nd event: deadline and date are those of a clock that is 60000 ms behind",
    "7. The answer to GET /a number 1: head and body come in pieces of 7 bytes",
    "8. The answer with each event: the body comes in 4 pieces, 20 ms apart",
    "Seed 7 decides about the chances: the same calls meet the same faults again.",
  ]);
});

test("that is our hostile one is explained without a gap", () => {
  const lines = explainPlan(hostilePlan(9));
  assert.is(lines.length, hostilePlan().faults.length + 1);
  assert.match(lines.at(-1) ?? "", /^Seed 9 /);
});

const wrong: readonly (readonly [unknown, RegExp])[] = [
  [{}, /^The fault plan is not usable/],
  [{ faults: [] }, /^The fault plan is not usable/],
  [{ faults: [{ type: "explode", answer: "each" }] }, /^Fault 1 of the plan is not usable: type/],
  [
    {
      faults: [
        { type: "close", answer: "each" },
        { type: "delay", answer: "each" },
      ],
    },
    /^Fault 2 .* ms: /,
  ],
  [{ faults: [{ type: "close", answer: { event: 0 } }] }, /^Fault 1 .* answer/],
  [{ faults: [{ type: "set-header", answer: "each", name: "a", value: "x\r\ny" }] }, /^Fault 1 .* value/],
  [{ faults: [{ type: "close", answer: "each", chance: 2 }] }, /^Fault 1 .* chance/],
  [{ seed: -1, faults: [{ type: "close", answer: "each" }] }, /^The fault plan is not usable/],
];
for (const [plan, message] of wrong) {
  test(`is refused when it reads ${JSON.stringify(plan)}`, () => assert.throws(() => parseFaultPlan(plan), message));
}

test("fires the same again for the same seed, otherwise for another, and about as often as its chance", () => {
  const [first, again, other] = [chosen(1), chosen(1), chosen(2)];
  assert.equal(first, again);
  assert.not.equal(first, other);
  for (const numbers of [first, other]) assert.ok(numbers.length > 200 && numbers.length < 400, `${numbers.length}`);
});

test("gives each fault luck of its own", () => {
  const both = parseFaultPlan({
    faults: [
      { type: "close", answer: "each", chance: 0.3 },
      { type: "empty-body", answer: "each", chance: 0.3 },
    ],
  });
  const fired = firedBy(both, 1_000);
  const [close, empty] = ["close", "empty-body"].map((type) => fired.filter((fault) => fault.type === type));
  assert.not.equal(
    close?.map(({ nth }) => nth),
    empty?.map(({ nth }) => nth),
  );
});

/** Which of a thousand calls meet the fault. */
function chosen(seed: number): readonly number[] {
  return firedBy(parseFaultPlan({ seed, faults: [{ type: "close", answer: "each", chance: 0.3 }] }), 1_000).map(
    ({ nth }) => nth,
  );
}

function firedBy(plan: ReturnType<typeof parseFaultPlan>, calls: number) {
  const fired: { type: string; nth: number }[] = [];
  const injector = new FaultInjector(plan, ({ type, nth }) => fired.push({ type, nth }));
  const editor = injector.editor({ send: () => {}, hold: () => {}, end: () => {}, reset: () => {} });
  for (let call = 0; call < calls; call += 1) {
    editor.fromClient(Buffer.from("GET /a HTTP/1.1\r\n\r\n"));
    editor.fromServer(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
  }
  return fired;
}

test.run();
