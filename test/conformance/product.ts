/**
 * Each broken subject against every case: `test/conformance/product.ts [runtime|extension|emulator ...]`. It takes long,
 * so it can be done in parts (`--shard 1/4`), and goes on where it was left with `--resume`. Ends with `N passed, N failed`.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { CaseId } from "../../src/conformance/case.ts";
import { emulatorCases, extensionCases } from "../../src/conformance/cases/catalogue.ts";
import { conformEmulator } from "../../src/conformance/run-emulator.ts";
import { conformRuntime } from "../../src/conformance/run-runtime.ts";
import { capabilities } from "../../src/conformance/runtime-case.ts";
import type { CaseResult } from "../../src/conformance/verdict.ts";
import { sideBySide } from "./choice.ts";
import { type Defect, emulatorDefects, extensionDefects, runtimeDefects } from "./defects.ts";
import { unexpected } from "./expected.ts";
import { emulatorKnownFailing, judgeTestExtension, testEmulator, testRuntime } from "./subjects.ts";

interface Factor {
  readonly defects: readonly Defect[];
  readonly judge: (defect: string, id: CaseId) => Promise<readonly CaseResult[]>;
}

/** Cases at once for each broken subject; most of them wait most of the time. */
const jobs = 2;

const factors: Readonly<Record<string, Factor>> = {
  runtime: {
    defects: runtimeDefects,
    judge: (defect) => conformRuntime({ subject: testRuntime(defect), jobs, declared: capabilities }),
  },
  extension: {
    defects: extensionDefects,
    judge: (defect) => judgeTestExtension(defect, extensionCases, jobs),
  },
  emulator: {
    defects: emulatorDefects,
    judge: (defect, id) => {
      const cases = emulatorCases.filter(
        (candidate) => candidate.id === id || !emulatorKnownFailing.includes(candidate.id),
      );
      return conformEmulator({ subject: testEmulator(defect), cases, jobs, timeScale: 0.5 });
    },
  },
};

// Thousands of emulators are started here, and what V8 made of their sources is the same for all of them.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "../../node_modules/.cache/node-compile-cache");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { shard: { type: "string", default: "1/1" }, resume: { type: "boolean", default: false } },
});
const [shard, shards] = values.shard.split("/").map(Number);
const folder = join(import.meta.dirname, "../../node_modules/.cache/bootlace-conformance-product");
mkdirSync(folder, { recursive: true });
const record = join(folder, `${values.shard.replace("/", "-of-")}.jsonl`);
if (!values.resume) rmSync(record, { force: true });
const done = new Set(existsSync(record) ? readFileSync(record, "utf8").trim().split("\n").map(keyOfLine) : []);
let [passed, failed] = [0, 0];

const names = positionals.length > 0 ? positionals : Object.keys(factors);
const pairs = names.flatMap((kind) => {
  const factor = factors[kind];
  if (factor === undefined)
    throw new Error(`There are broken subjects of these kinds: ${Object.keys(factors).join(", ")}`);
  return factor.defects.map(([defect, id]) => ({ kind, defect, id, judge: factor.judge }));
});
const own = pairs.filter((pair, index) => index % (shards ?? 1) === (shard ?? 1) - 1 && !done.has(keyOf(pair)));

await sideBySide(own, availableParallelism(), async ({ kind, defect, id, judge }) => {
  const began = performance.now();
  const wrong = unexpected(await judge(defect, id), id);
  for (const line of wrong) console.log(`FAILED ${kind} "${defect}" (${id}): ${line}`);
  console.log(
    `${wrong.length === 0 ? "ok  " : "FAIL"} ${kind} "${defect}", ${Math.round(performance.now() - began)} ms`,
  );
  if (wrong.length > 0) failed += 1;
  else passed += 1;
  // What failed is done again.
  if (wrong.length === 0) appendFileSync(record, `${JSON.stringify({ kind, defect, id })}\n`);
});
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

function keyOf({ kind, defect, id }: { readonly kind: string; readonly defect: string; readonly id: CaseId }): string {
  return `${kind} ${defect} ${id}`;
}

function keyOfLine(line: string): string {
  return line === "" ? "" : keyOf(JSON.parse(line));
}
