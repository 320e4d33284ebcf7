import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { packageRoot } from "../platform/package-root.ts";
import { type FixtureNeeds, fixtureOperations, initVariants } from "./runtime-case.ts";
import { SubjectError } from "./verdict.ts";

const manifest = z.strictObject({
  language: z.string(),
  /** `_HANDLER` of the handler that serves the operations. */
  handler: z.string(),
  /** Values of `op` that the handler knows. */
  operations: z.array(z.enum(fixtureOperations)),
  /** `_HANDLER` of the handler that streams, where the language has one. */
  stream: z.string().optional(),
  /** `_HANDLER` values whose Init goes wrong, by the way in which it does. */
  init: z.partialRecord(z.enum(initVariants), z.string()).default({}),
});

/** The function that a runtime under test runs: a folder with a handler and the `fixture.json` that describes it. */
export interface Fixture extends z.output<typeof manifest> {
  readonly folder: string;
}

/** The fixture that comes with the suite, for runtimes that run JavaScript. */
export function javascriptFixture(): string {
  return join(packageRoot(), "src/conformance/fixtures/javascript");
}

/** Enough for a first verdict. */
const example = `A handler that returns its event is enough to begin with: {"language":"Ruby","handler":"index.handler","operations":["echo"]}; docs/CONFORMANCE.md says what else it may offer`;

/** Reads the fixture in `folder`; `handler` replaces the manifest's. */
export function readFixture(folder: string, handler: string | undefined): Fixture {
  const path = resolve(folder);
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new SubjectError(`The fixture's folder "${folder}" does not exist`);
  const file = join(path, "fixture.json");
  if (!existsSync(file))
    throw new SubjectError(`There is no "fixture.json" in "${folder}" to say what its handler can do. ${example}`);
  const parsed = manifest.safeParse(jsonOf(file));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new SubjectError(`Cannot use "${issue?.path.join(".")}" of "${file}": ${issue?.message}`);
  }
  return { ...parsed.data, folder: path, ...(handler === undefined ? {} : { handler }) };
}

/** Why the fixture cannot serve a case, or undefined where it can. */
export function fixtureLacks(fixture: Fixture, { operations = [], init, handler }: FixtureNeeds): string | undefined {
  const missing = operations.filter((operation) => !fixture.operations.includes(operation));
  if (missing.length > 0) return `the ${fixture.language} fixture has no operation "${missing.join('", "')}"`;
  if (init !== undefined && fixture.init[init] === undefined)
    return `the ${fixture.language} fixture has no handler for "${init}"`;
  if (handler !== undefined && fixture.stream === undefined)
    return `the ${fixture.language} fixture has no handler that streams`;
  return undefined;
}

/** `_HANDLER` for a case. */
export function handlerFor(fixture: Fixture, { init, handler }: FixtureNeeds): string {
  if (handler === "stream") return fixture.stream ?? fixture.handler;
  return (init === undefined ? undefined : fixture.init[init]) ?? fixture.handler;
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new SubjectError(`"${file}" is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
