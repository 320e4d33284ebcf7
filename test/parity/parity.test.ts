/** The same functions on AWS's own client and on ours: what each sends and writes is the same, or a row says why not. */
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as assert from "uvu/assert";
import { shippedRuntime } from "../helpers/shipped-runtime.ts";
import { skip, suite } from "../helpers/suite.ts";
import { buildSubject, missingTools, subjects } from "../interop/subjects.ts";
import { cases } from "./cases.ts";
import { intended } from "./intended.ts";
import { life, type ParityCase, type Seen } from "./life.ts";

const test = suite("parity:");
const source = [process.execPath, join(import.meta.dirname, "../../src/runtime/main.ts")];
const official = subjects.find(({ name }) => name === "aws-lambda-ric");
if (official === undefined) throw new Error("The interop suite has no aws-lambda-ric any more");
const missing = missingTools(official);
const used = new Set<number>();

if (missing.length > 0) {
  test("is looked at", () => skip(`aws-lambda-ric cannot be built here: there is no ${missing.join(", ")}`));
} else {
  const { command: theirs } = await buildSubject(official);
  // All at once would be a storm of processes, one after another a minute.
  const shipped = [await shippedRuntime()];
  const all = [source, shipped, theirs];
  const lives = inLanes(4, cases, (parity) => Promise.all(all.map((command) => life(command, parity))));
  for (const [index, parity] of cases.entries())
    for (const [place, form] of ["from source", "as released"].entries())
      test(`${parity.name}, ${form}`, async () => {
        const seen = (await lives[index]) ?? [];
        const [mine = {}, other = {}] = [seen[place], seen[2]];
        const unexplained = differences(mine, other).filter((difference) => !explained(parity, difference));
        assert.is(unexplained.map(sentence).join("\n"), "");
      });
  test("every reason is needed", () => {
    assert.equal(
      intended.filter((_, index) => !used.has(index)).map(({ reason }) => reason),
      [],
    );
  });
}

test.run();

/** A promise for each item; so many are at work at a time. */
function inLanes<T, R>(width: number, items: readonly T[], work: (item: T) => Promise<R>): readonly Promise<R>[] {
  const results = items.map(() => Promise.withResolvers<R>());
  const queue = items.entries();
  const lane = async () => {
    for (const [index, item] of queue) await work(item).then(results[index]?.resolve, results[index]?.reject);
  };
  for (let count = 0; count < width; count += 1) void lane();
  return results.map(({ promise }) => {
    // Heard when its turn comes.
    promise.catch(() => {});
    return promise;
  });
}

interface Difference {
  readonly aspect: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

function differences(mine: Seen, other: Seen): readonly Difference[] {
  const aspects = [...new Set([...Object.keys(mine), ...Object.keys(other)])];
  return aspects
    .map((aspect) => ({ aspect, ours: mine[aspect], theirs: other[aspect] }))
    .filter(({ ours: one, theirs: two }) => !isDeepStrictEqual(one, two));
}

function explained({ name }: ParityCase, difference: Difference): boolean {
  const index = intended.findIndex(
    ({ of = /^/, aspect, holds = () => true }) =>
      of.test(name) && aspect.test(difference.aspect) && holds(difference.ours, difference.theirs),
  );
  if (index >= 0) used.add(index);
  return index >= 0;
}

function sentence({ aspect, ours: one, theirs: two }: Difference): string {
  return `${aspect}: ours ${JSON.stringify(one)}, theirs ${JSON.stringify(two)}`;
}
