import { z } from "zod";
import { limits } from "../protocol/limits.ts";

/** What the Lambda service knows of a function. Values outside Lambda's ranges are refused with the range. */
export const functionConfiguration = z.strictObject({
  functionName: z
    .string()
    .regex(/^[a-zA-Z0-9-_]{1,64}$/, "1 to 64 letters, digits, hyphens or underscores")
    .default("function"),
  handler: z.string().min(1).max(128).default("index.handler"),
  memoryMb: z.int().min(limits.memoryMbMin).max(limits.memoryMbMax).default(limits.memoryMbDefault),
  timeoutMs: z.int().min(limits.timeoutMsMin).max(limits.timeoutMsMax).default(limits.timeoutMsDefault),
  /** The function's own variables. */
  environment: z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, "a variable's name"), z.string()).default({}),
  region: z.string().default("us-east-1"),
  accountId: z
    .string()
    .regex(/^\d{12}$/, "12 digits")
    .default("123456789012"),
});

export type FunctionConfiguration = z.output<typeof functionConfiguration>;
export type FunctionConfigurationInput = z.input<typeof functionConfiguration>;

/** The only version that the emulator runs. */
export const latestVersion = "$LATEST";

/** A value that Lambda would not take; `code` is `INVALID_CONFIGURATION`. */
export class InvalidConfigurationError extends Error {
  readonly code = "INVALID_CONFIGURATION";
}

/** The configuration with its defaults, or one sentence that names the value and its range. */
export function parseConfiguration(input: FunctionConfigurationInput): FunctionConfiguration {
  const parsed = functionConfiguration.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InvalidConfigurationError(`Cannot use "${issue?.path.join(".")}" of the function: ${issue?.message}`);
}
