/**
 * The result of a run as a document: the source of truth from which every other report is made. Its JSON Schema is
 * docs/conformance-report.schema.json.
 */
import { z } from "zod";
import type { CaseFacts } from "../case.ts";
import { SubjectError } from "../verdict.ts";

const finding = z.object({
  expected: z.string().describe("What must hold"),
  saw: z.string().describe("What was seen instead"),
});

const observations = z.array(z.string()).describe("What production leaves open and the subject does in its own way");

const verdict = z.discriminatedUnion("type", [
  z.object({ type: z.literal("passed"), observations }),
  z.object({
    type: z.literal("failed"),
    findings: z.array(finding),
    observations,
    transcript: z
      .array(z.string())
      .describe("Everything that went over the wire, and what the subject printed; offending lines begin with !"),
  }),
  z.object({ type: z.literal("not-applicable"), reason: z.string() }).describe("It cannot be judged here"),
  z.object({ type: z.literal("not-reached"), dependency: z.string() }).describe("A case that it depends on failed"),
]);

const result = z.object({
  id: z.string(),
  level: z.enum(["must", "should", "may"]),
  sentence: z.string().describe("What holds for a subject that passes"),
  why: z.string().describe("What goes wrong in production for one that fails"),
  source: z.string().describe("Where the requirement is written or was seen"),
  verdict,
  known: z
    .object({ reason: z.string() })
    .optional()
    .describe("A list says that the case fails, for this reason; one that passes is a mistake in the list"),
  durationMs: z.number().int().nonnegative(),
});

const count = z.number().int().nonnegative();

const tally = z.object({
  cases: count,
  passed: count,
  failed: count.describe("Without those that are known to fail"),
  known: count.describe("Failures that a list of known ones expects"),
  unexpected: count.describe("Passed, although the list says that they fail"),
  notApplicable: count,
  notReached: count,
});

export const subjectKinds = ["runtime", "extension", "emulator"] as const;

export const reportDocument = z
  .object({
    schema: z.literal(1),
    suite: z.object({ name: z.literal("bootlace"), version: z.string() }),
    kind: z.enum(subjectKinds),
    subject: z.object({
      name: z.string(),
      command: z.string().optional().describe("What started it, or its address"),
      language: z.string().optional(),
      version: z.string().optional(),
    }),
    puppet: z
      .enum(["node", "native"])
      .optional()
      .describe("Of an emulator: what played its functions, a script for Node.js or an executable that needs nothing"),
    date: z.string().describe("When the run ended: ISO 8601, in UTC"),
    interrupted: z.boolean().describe("Somebody ended the run before all cases were through"),
    tally,
    results: z.array(result),
  })
  .describe("What the conformance suite of Bootlace says of one subject");

export type ReportDocument = z.output<typeof reportDocument>;
export type ReportedResult = ReportDocument["results"][number];
export type SubjectKind = ReportDocument["kind"];

/** The schema that docs/conformance-report.schema.json publishes. */
export function reportJsonSchema(): object {
  return z.toJSONSchema(reportDocument, { io: "input" });
}

/** Reads a document that somebody names; `file` is for the message. Throws {@link SubjectError}. */
export function parseReport(text: string, file: string): ReportDocument {
  const parsed = reportDocument.safeParse(jsonIn(text, file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue === undefined || issue.path.length === 0 ? "" : ` at "${issue.path.join(".")}"`;
  throw new SubjectError(`"${file}" is no report that "--report json=FILE" writes${at}: ${issue?.message}`);
}

/** The facts of the case of a result. */
export function factsOf({ id, level, sentence, why, source }: ReportedResult): Omit<CaseFacts, "id"> & { id: string } {
  return { id, level, sentence, why, source };
}

function jsonIn(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SubjectError(`"${file}" is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
