import * as assert from "uvu/assert";
import { eventOf } from "../../bench/event.ts";
import { goalFigures, goals } from "../../bench/goals.ts";
import { chosenMeasures } from "../../bench/measures.ts";
import { OptionError, parseOptions } from "../../bench/options.ts";
import { median, pairedRatio, quantile, spread, summary } from "../../bench/statistics.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("bench:");

const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index);

test("median() takes the middle, or the mean of the two in the middle", () => {
  assert.is(median([3, 1, 2]), 2);
  assert.is(median([10, 1, 2, 3]), 2.5);
  assert.is(median([7]), 7);
});

test("median() compares numbers, not their text", () => assert.is(median([9, 10, 100]), 10));

test("quantile() lies between the samples around it", () => {
  assert.is(quantile(oneToHundred, 0), 1);
  assert.is(quantile(oneToHundred, 1), 100);
  assert.is(quantile([0, 10, 20, 30, 40], 0.25), 10);
  assert.is(quantile([0, 10], 0.99), 9.9);
});

test("summary() says median, min, p99 and how many", () => {
  const { p99, ...rest } = summary(oneToHundred);
  assert.equal(rest, { median: 50.5, min: 1, samples: 100 });
  assert.ok(Math.abs(p99 - 99.01) < 1e-9);
});

test("statistics leave their samples in order", () => {
  const samples = [3, 1, 2];
  summary(samples);
  assert.equal(samples, [3, 1, 2]);
});

test("pairedRatio() divides round by round, so a slow round changes nothing", () => {
  assert.equal(pairedRatio([5, 50, 500], [10, 100, 1000]), { median: 0.5, lowerQuartile: 0.5, upperQuartile: 0.5 });
  // Medians divided by each other would say 1.
  assert.is(pairedRatio([1, 2, 3], [2, 4, 1]).median, 0.5);
});

test("pairedRatio() refuses rounds that have no partner", () => {
  assert.throws(() => pairedRatio([1, 2], [1]), /Cannot pair rounds/);
});

test("spread() is the middle half as a share of the median", () => assert.is(spread([8, 9, 10, 11, 12]), 0.2));

for (const bytes of [100, 1_048_576]) {
  test(`eventOf(${bytes}) is JSON of that size that survives a round trip`, () => {
    const event = eventOf(bytes);
    assert.is(event.length, bytes);
    assert.is(JSON.stringify(JSON.parse(event.toString())), event.toString());
  });
}

test("parseOptions() and chosenMeasures() find what to measure", () => {
  const options = parseOptions(["--quick", "--only", "first-next", "--rounds", "7", "--without-peers", "--json"]);
  assert.equal(options, { only: "first-next", rounds: 7, quick: true, peers: false, json: true });
  assert.ok(options);
  assert.equal(
    chosenMeasures(options).map(({ name, rounds }) => [name, rounds]),
    [["first-next", 7]],
  );
  const all = chosenMeasures({ only: undefined, rounds: undefined, quick: false });
  assert.equal(
    all.map(({ name }) => name),
    [
      "first-next",
      ...["sdk", "powertools", "graphql"].map((name) => `first-answer-${name}`),
      ...["100B", "10KB"].map((size) => `young-${size}`),
      ...["100B", "10KB", "1MB", "6MB"].map((size) => `warm-${size}`),
      ...["calls", "memory-idle", "memory-growth"],
    ],
  );
});

test("a measure says what a life says about its question", () => {
  const life = {
    firstNextMs: 20,
    firstAnswerMs: 50,
    cyclesUs: [40, 60],
    serverCpuUs: 1,
    calls: 14,
    anonymousKiB: [2_048, 3_072],
  };
  const samples = chosenMeasures({ only: undefined, rounds: undefined, quick: false }).map((measure) => [
    measure.name,
    measure.samples(life),
  ]);
  const said = Object.fromEntries(samples);
  assert.equal(said["first-next"], [20]);
  assert.equal(said["first-answer-sdk"], [50]);
  assert.equal(said["warm-1MB"], [40, 60]);
  assert.equal(said.calls, [7]);
  assert.equal(said["memory-idle"], [2]);
  assert.equal(said["memory-growth"], [1.5]);
});

test("a goal is of a measure that is taken", () => {
  const names = new Set(chosenMeasures({ only: undefined, rounds: undefined, quick: false }).map(({ name }) => name));
  assert.equal(
    goals.filter(({ measure }) => !names.has(measure)),
    [],
  );
});

test("goalFigures() divides round by round, takes a figure as it is, and leaves out who took no part", () => {
  const rounds = new Map([
    ["bootstrap", [6, 7, 8]],
    ["one write", [3, 3, 4]],
    ["C", [3, 7, 4]],
  ]);
  const found = (measure: string) =>
    goalFigures(measure, (subject) => rounds.get(subject)).map(({ subject, against, figure }) => [
      subject,
      against,
      figure,
    ]);
  assert.equal(found("warm-100B"), [["bootstrap", "C", 2]]);
  assert.equal(found("calls"), [
    ["bootstrap", undefined, 7],
    ["one write", undefined, 3],
  ]);
  assert.equal(found("warm-1MB"), []);
});

test("a quick run looks at the memory at moments that it reaches", () => {
  const measures = chosenMeasures({ only: "memory", rounds: undefined, quick: true });
  assert.equal(
    measures.map(({ job }) => [job.cycles, job.memoryAt]),
    [
      [1, [0]],
      [20, [2, 20]],
    ],
  );
});

const wrong = [
  [["--only", "cold"], /takes first-next, first-answer, warm, calls, memory, not "cold"/],
  [["--rounds", "0"], /takes a number from 1, not "0"/],
  [["--fast"], /Unknown option '--fast'.*--help/],
] as const;
for (const [args, message] of wrong) {
  test(`parseOptions() refuses ${args.join(" ")}`, () => {
    assert.throws(
      () => parseOptions(args),
      (error: unknown) => error instanceof OptionError && message.test(error.message),
    );
  });
}

test.run();
