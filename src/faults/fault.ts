/** Fault plans as data: what goes wrong on the wire on purpose, and when. */
import { z } from "zod";
import { paths } from "../protocol/paths.ts";

/** Calls of the APIs inside an execution environment by their own names; `{id}` stands for any request id. */
export const calls = {
  next: ["GET", paths.next],
  response: ["POST", paths.response("{id}")],
  error: ["POST", paths.error("{id}")],
  "init-error": ["POST", paths.initError],
  register: ["POST", paths.register],
  "extension-next": ["GET", paths.extensionNext],
} as const;

export type CallName = keyof typeof calls;

const count = z.int().min(1);
const milliseconds = z.int().min(0).max(900_000);
/** The one with this number, from 1; every second, third, …; or each. */
const nth = z.union([count, z.literal("each"), z.strictObject({ every: count })]);
// as: the keys of an object are its keys, which Object.keys does not say.
const callName = z.enum(Object.keys(calls) as [CallName, ...CallName[]]);

/** Which answers are meant: each, the event handed out as number `event`, or those to a call or a request line. */
const selector = z.union([
  z.literal("each"),
  z.strictObject({ event: nth }),
  z.strictObject({ call: callName, nth }),
  z.strictObject({ method: z.enum(["GET", "POST", "PUT"]), path: z.string().startsWith("/"), nth }),
]);

const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);
const headerValue = z.string().regex(/^[^\r\n]*$/);

const fault = <T extends string, F extends z.ZodRawShape>(type: T, fields: F) =>
  z.strictObject({
    type: z.literal(type),
    answer: selector,
    /** Fires only in so many of the cases that it means, chosen by the plan's seed. */
    chance: z.number().gt(0).max(1).optional(),
    ...fields,
  });

const faultSchema = z.discriminatedUnion("type", [
  fault("remove-header", { name: headerName }),
  fault("set-header", { name: headerName, value: headerValue }),
  /** Names of headers with the case of every letter turned. */
  fault("odd-case", {}),
  /** The service has taken the call, and its client is told otherwise. */
  fault("status", { status: z.int().min(200).max(599), errorType: headerValue.optional() }),
  /** Answered as soon as its head has been read, and cut off: the service never sees the call. */
  fault("refuse-early", { status: z.int().min(400).max(599), errorType: headerValue.optional() }),
  /** The connection is reset as soon as the call's head has been read: the service never sees the call. */
  fault("reset-early", {}),
  /** A client that asks whether it may go on (`Expect: 100-continue`) is not told. */
  fault("no-continue", {}),
  fault("empty-body", {}),
  /** The body in chunks of so many bytes, in place of its length. */
  fault("chunked", { bytes: count }),
  /** Head and body apart, and the body in so many pieces, each this long after the one before. */
  fault("trickle", { pieces: count, gapMs: milliseconds }),
  /** Head and body in pieces of so many bytes, wherever that cuts them. */
  fault("split", { bytes: count }),
  fault("delay", { ms: milliseconds }),
  /** The connection ends with the answer; `silent` leaves out the `Connection: close` that would say so. */
  fault("close", { silent: z.boolean().optional() }),
  /** The connection ends after the head, before the body that it announces. */
  fault("cut-after-head", {}),
  /** The connection is reset when so many bytes of the answer have been sent. */
  fault("reset", { afterBytes: z.int().min(0) }),
  /** The deadline and the date are those of a clock that is so far ahead (or, below zero, behind). */
  fault("clock-skew", { ms: z.int().min(-86_400_000).max(86_400_000) }),
]);

export const faultPlan = z.strictObject({
  /** Says which of several chances are taken: the same seed, the same calls, the same faults. */
  seed: z.int().min(0).max(0xffff_ffff).default(1),
  faults: z.array(faultSchema).min(1).max(1_000).readonly(),
});

export type AnswerSelector = z.output<typeof selector>;
export type Nth = z.output<typeof nth>;
export type Fault = z.output<typeof faultSchema>;
export type FaultPlan = z.output<typeof faultPlan>;
export type FaultPlanInput = z.input<typeof faultPlan>;

/** A plan that is none; the message says where and what it takes. `code` is `BAD_FAULT_PLAN`. */
export class BadFaultPlanError extends Error {
  readonly code = "BAD_FAULT_PLAN";
}

export function parseFaultPlan(input: unknown): FaultPlan {
  const parsed = faultPlan.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const [, index] = issue?.path ?? [];
  const where = typeof index === "number" ? `Fault ${index + 1} of the plan` : "The fault plan";
  const field = issue?.path.slice(typeof index === "number" ? 2 : 0).join(".") ?? "";
  throw new BadFaultPlanError(`${where} is not usable: ${field === "" ? "" : `${field}: `}${issue?.message}`);
}
