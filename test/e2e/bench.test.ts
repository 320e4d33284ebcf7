import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { manifest } from "../../layer/manifest.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("npm run bench");
const root = join(import.meta.dirname, "../..");

/** It builds a bootstrap first, where none is in the cache. */
const timeoutMs = 180_000;

test(
  "gives one JSON document with every figure of every subject",
  async () => {
    const args = ["bench/main.ts", "--quick", "--only", "first-next", "--without-peers", "--json"];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    const report = JSON.parse(stdout);
    assert.equal(Object.keys(report), ["machine", "loadAtEnd", "quick", "baseline", "subjects", "absent", "measures"]);
    assert.is(report.machine.node, process.version);
    assert.is(report.quick, true);
    assert.equal(report.absent, [{ name: "aws-lambda-ric", reason: "left out with --without-peers" }]);
    assert.equal(
      report.subjects.map(({ name }: { readonly name: string }) => name),
      ["bootstrap", "single", "script", "floor"],
    );
    const [measure, ...others] = report.measures;
    assert.equal(others, []);
    assert.equal([measure.name, measure.unit, measure.rounds], ["first-next", "ms", 2]);
    for (const { median, min, p99, samples } of measure.figures) {
      assert.is(samples, 2);
      assert.ok(min > 0 && min <= median && median <= p99);
    }
  },
  { timeoutMs },
);

test(
  "starts from a cold disk, of which the released layer reads little and waits for less",
  async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["bench/main.ts", "cold", "--rounds", "1"], {
      cwd: root,
    });
    const rows = stdout.split("\n").map((line) => line.split(/ {2,}/));
    const ofSubject = (name: string) =>
      rows
        .filter((cells) => cells[0] === name)
        .map(([, , , , faults, megabytes]) => [Number(faults), Number(megabytes)]);
    const released = ofSubject("launcher");
    assert.ok(released.length >= manifest.engines.length);
    for (const [faults = Number.NaN, megabytes = Number.NaN] of released)
      assert.ok(faults <= 10 && megabytes > 10 && megabytes <= 20, `${faults} major faults and ${megabytes} MB`);
    // Nothing was in memory: without a list each start reads more and waits more often.
    for (const [faults = Number.NaN, megabytes = Number.NaN] of ofSubject("no list"))
      assert.ok(faults > 10 && megabytes > 20, `${faults} major faults and ${megabytes} MB without a list`);
  },
  { timeoutMs },
);

test(
  "says of the emulator what it bears: right answers, none lost, nothing left",
  async () => {
    const args = ["bench/main.ts", "scale", "--quick", "--json"];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
    const { results } = JSON.parse(stdout);
    assert.equal(Object.keys(results), ["load", "ready", "many", "churn", "throughput"]);
    const { load, many, churn } = results;
    assert.equal([load.environments, load.right, load.wrong, load.lost], [2, 40, 0, 0]);
    assert.equal([many.environments, many.wrong], [3, 0]);
    for (const what of ["processes", "listeners", "mounts", "folders", "controlGroups"])
      assert.is(churn[`${what} left`], 0, what);
  },
  { timeoutMs },
);

test.run();
