/**
 * Builds every subject whose tools are here, before any is judged: compilers beside a judged runtime make it late. What
 * fails here is tried once more by its own test, which says so.
 */
import { availableParallelism } from "node:os";
import { buildSubject, missingTools, subjects } from "./subjects.ts";

/** These take minutes, so that all others fit beside them: first is what would otherwise be last by itself. */
const longest = ["aws-lambda-ric", "lambda_runtime"];

const buildable = subjects.filter((subject) => missingTools(subject).length === 0);
const queue = buildable
  .toSorted((a, b) => Number(longest.includes(b.name)) - Number(longest.includes(a.name)))
  .values();
const lanes = Math.min(availableParallelism(), 3);
await Promise.all(Array.from({ length: lanes }, lane));

async function lane(): Promise<void> {
  for (const subject of queue) {
    const began = performance.now();
    const outcome = await buildSubject(subject).then(
      () => "built",
      (error) => `NOT BUILT: ${error instanceof Error ? error.message : error}`,
    );
    console.log(`${subject.name}: ${outcome} (${((performance.now() - began) / 1_000).toFixed(1)} s)`);
  }
}
