import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { CaseFacts } from "../../src/conformance/case.ts";
import { emulatorCases, extensionCases, runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import { javascriptFixture, readFixture } from "../../src/conformance/fixture.ts";
import { cataloguePage } from "../../src/conformance/reports/catalogue-page.ts";
import { selectCases } from "../../src/conformance/run-cases.ts";
import { suite } from "../helpers/suite.ts";
import { emulatorDefects, extensionDefects, runtimeDefects } from "./defects.ts";

const test = suite("the conformance catalogue");
const all: readonly CaseFacts[] = [...runtimeCases, ...extensionCases, ...emulatorCases];
const room = join(import.meta.dirname, "../../src/conformance");

test("gives each case an id of its own, in the catalogue's form", () => {
  assert.is(new Set(all.map(({ id }) => id)).size, all.length);
  for (const { id } of all) assert.match(id, /^(RT|EXT|SRV)-[A-Z]+-\d{3}$/);
});

test("says of each case what must hold, why, and where that is written", () => {
  for (const { id, sentence, why, source } of all) {
    assert.match(sentence, /^[A-Z].+[^.]$/, id);
    assert.match(why, /^[A-Z].+[^.]$/, id);
    assert.ok(source.length > 5, id);
  }
});

test("is the page in docs", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/CASES.md"), "utf8");
  assert.is(page, `${cataloguePage(all)}\n`, 'run "bootlace conformance list --level may --md > docs/CASES.md"');
});

test("knows a broken subject for each case", () => {
  const found = new Set([...runtimeDefects, ...extensionDefects, ...emulatorDefects].map(([, id]) => id));
  assert.equal(
    all.map(({ id }) => id).filter((id) => !found.has(id)),
    [],
  );
});

test("depends on cases that exist, and never in a circle", () => {
  for (const { id } of all) walk(id, []);
});

function walk(id: string, path: readonly string[]): void {
  assert.not.ok(path.includes(id), `${[...path, id].join(" > ")} is a circle`);
  const found = all.find((candidate) => candidate.id === id);
  assert.ok(found, `${path.at(-1)} depends on ${id}, which does not exist`);
  for (const dependency of found?.dependsOn ?? []) walk(dependency, [...path, id]);
}

test("asks of fixtures only what the one that comes with it offers", () => {
  const fixture = readFixture(javascriptFixture(), undefined);
  for (const { id, needs } of runtimeCases) {
    for (const operation of needs.operations ?? []) assert.ok(fixture.operations.includes(operation), id);
    if (needs.init !== undefined) assert.ok(fixture.init[needs.init], id);
    if (needs.handler !== undefined) assert.ok(fixture.stream, id);
  }
});

/** The shape of a record that is written here, and a proof for the compiler: nothing that Lambda says. */
const harmless = ["unreachable", "wire-transcript"];

test("takes no expectation from the constants that the emulator and the runtime use", () => {
  for (const file of globSync("**/*.ts", { cwd: room })) {
    const text = readFileSync(join(room, file), "utf8");
    const imports = [...text.matchAll(/from "[./]*\/(protocol|emulator|runtime|core)\/([\w/-]+)\.ts"/g)];
    const forbidden = imports.filter(([, folder, name]) =>
      folder === "emulator"
        ? !/^(harness-(runtime|extension)|subject-place)\.ts$/.test(file)
        : !(folder === "protocol" && harmless.includes(name ?? "")),
    );
    assert.equal(
      forbidden.map(([line]) => `${file}: ${line}`),
      [],
    );
  }
});

test("is selected by level and by a pattern over ids", () => {
  const boot = runtimeCases.filter(({ id, level }) => id.startsWith("RT-BOOT-") && level !== "may");
  assert.ok(boot.length > 3);
  assert.equal(
    ids(selectCases(runtimeCases, { only: "rt-boot-*" })),
    boot.map(({ id }) => id),
  );
  assert.equal(
    ids(selectCases(runtimeCases, { only: "RT-BOOT-*", level: "must" })),
    boot.filter(({ level }) => level === "must").map(({ id }) => id),
  );
  assert.equal(ids(selectCases(runtimeCases, { only: "RT.BOOT" })), []);
});

function ids(cases: readonly CaseFacts[]): readonly string[] {
  return cases.map(({ id }) => id);
}

test.run();
