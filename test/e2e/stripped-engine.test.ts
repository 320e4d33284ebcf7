/** The engine of the layers beside the one that is published: what was taken from it, nothing notices. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { manifest } from "../../layer/manifest.ts";
import { hostArchitecture } from "../../src/layer/engine.ts";
import { fetchEngine } from "../../src/layer/fetch-package.ts";
import { compileLibatomic, libatomicName } from "../../src/layer/libatomic.ts";
import { strippedEngine } from "../../src/layer/stripped-engine.ts";
import { defaultCacheDirectory } from "../../src/platform/package-root.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the engine of a layer");
const root = mkdtempSync(join(tmpdir(), "bootlace-stripped-"));
test.after(() => rmSync(root, { recursive: true, force: true }));
const arch = hostArchitecture;
const libraries = join(root, "lib");
mkdirSync(libraries);
writeFileSync(
  join(libraries, libatomicName),
  await compileLibatomic({ arch, cacheDirectory: defaultCacheDirectory() }),
);

/** Calls what is in Rust in Node 26, where most of the addresses are, and what is C++ with exceptions and threads. */
const script = `
const said = [new Intl.DateTimeFormat("de").format(new Date(0)), require("zlib").brotliCompressSync("x").length];
const date = globalThis.Temporal?.PlainDate.from("2026-03-31");
const calendars = ["hebrew", "chinese", "dangi", "islamic-umalqura", "persian", "coptic", "japanese", "indian", "roc"];
for (const calendar of date ? calendars : [])
  said.push(date.withCalendar(calendar).add({ months: 14, days: 20 }).toString({ calendarName: "always" }), date.withCalendar(calendar).monthCode);
if (date) {
  const time = Temporal.ZonedDateTime.from("2026-10-24T10:00[Europe/Berlin]");
  said.push(time.add({ days: 1 }).toString(), time.getTimeZoneTransition("next").toString());
  said.push(Temporal.Duration.from("P1Y2M").total({ unit: "days", relativeTo: "2026-01-01" }));
}
for (const wrong of ["P", "2026-02-30"]) try { said.push(String(Temporal.Instant.from(wrong))); } catch (error) { said.push(error.name); }
new (require("worker_threads").Worker)("require('worker_threads').parentPort.postMessage(1 + 1)", { eval: true })
  .on("message", (sum) => console.log(JSON.stringify([...said, sum, crypto.subtle !== undefined])));
`;

for (const name of manifest.engines) {
  test(`${name} does what the published one does, and looks up hardly an address of its own`, async () => {
    const published = await fetchEngine(name, arch);
    const stripped = join(root, name);
    writeFileSync(stripped, await strippedEngine(published), { mode: 0o755 });
    assert.is(run(stripped, ["-e", script]).stdout, run(published.node, ["-e", script]).stdout);
    const [before, after] = [lookups(published.node), lookups(stripped)];
    // Node 24 has a handful that can be written beforehand, Node 26 hundreds. Some are the loader's to find in any.
    assert.ok(after < before && after < 60, `${before} before, ${after} after`);
  });
}

test.run();

/** How often the loader finds in a program what the program itself asks for, by the loader's own account. */
function lookups(file: string): number {
  const { stderr } = run(file, ["--version"], { LD_DEBUG: "bindings" });
  return stderr.split(`binding file ${file} [0] to ${file} [0]`).length - 1;
}

function run(file: string, args: readonly string[], environment = {}) {
  const env = { PATH: process.env.PATH, LD_LIBRARY_PATH: libraries, ...environment };
  const result = spawnSync(file, args, { env, encoding: "utf8", maxBuffer: 100_000_000 });
  assert.is(result.status, 0, result.stderr.slice(-500));
  return result;
}
