import { z } from "zod";
import { applicationLogLevels, systemLogLevels } from "../core/telemetry/log-level.ts";
import { limits } from "../protocol/limits.ts";
import { type Profile, profiles } from "../protocol/profile.ts";

/** A variable's name. https://docs.aws.amazon.com/lambda/latest/api/API_Environment.html */
const variableName = /^[a-zA-Z][a-zA-Z0-9_]+$/;

/** Variables that Lambda sets itself and lets nobody else set, credentials aside. DG/configuration-envvars.html */
const reservedVariables = [
  "AWS_DEFAULT_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_LAMBDA_RUNTIME_API",
  "AWS_REGION",
  "LAMBDA_RUNTIME_DIR",
  "LAMBDA_TASK_ROOT",
];

/** How its log is written, and how much of it. https://docs.aws.amazon.com/lambda/latest/api/API_LoggingConfig.html */
const logging = {
  logFormat: z.enum(["Text", "JSON"], { error: "Text or JSON" }).default("Text"),
  applicationLogLevel: z.enum(applicationLogLevels, { error: applicationLogLevels.join(", ") }).optional(),
  systemLogLevel: z.enum(systemLogLevels, { error: systemLogLevels.join(", ") }).optional(),
};

/** What the Lambda service knows of a function. Values outside Lambda's ranges are refused with what the field takes. */
export const functionConfiguration = z.strictObject({
  functionName: z
    .string()
    .regex(
      new RegExp(`^[a-zA-Z0-9-_]{1,${limits.functionNameCharactersMax}}$`),
      `1 to ${limits.functionNameCharactersMax} letters, digits, hyphens or underscores`,
    )
    .default("function"),
  handler: z
    .string()
    .regex(
      new RegExp(`^\\S{1,${limits.handlerCharactersMax}}$`),
      `1 to ${limits.handlerCharactersMax} characters without blanks, such as index.handler`,
    )
    .default("index.handler"),
  memoryMb: wholeNumber(limits.memoryMbMin, limits.memoryMbMax).default(limits.memoryMbDefault),
  timeoutMs: wholeNumber(limits.timeoutMsMin, limits.timeoutMsMax).default(limits.timeoutMsDefault),
  /** Size of `/tmp`; Lambda calls it ephemeral storage. */
  tmpMb: wholeNumber(limits.tmpMbMin, limits.tmpMbMax).default(limits.tmpMbDefault),
  /** The function's own variables. */
  environment: z
    .record(z.string(), z.string())
    .superRefine((variables, context) => {
      const wrong = Object.keys(variables).find((name) => !variableName.test(name));
      if (wrong === undefined) return;
      const message = `names of a letter and then one or more letters, digits or underscores, unlike "${wrong}"`;
      context.addIssue({ code: "custom", message });
    })
    .superRefine((variables, context) => {
      const wrong = reservedVariables.find((name) => Object.hasOwn(variables, name));
      if (wrong === undefined) return;
      context.addIssue({
        code: "custom",
        message: `names that Lambda does not keep for itself, as it does "${wrong}"`,
      });
    })
    .refine((variables) => Object.values(variables).every((value) => !value.includes("\0")), "values without NUL")
    .default({}),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "a region such as us-east-1")
    .default("us-east-1"),
  accountId: z
    .string()
    .regex(/^\d{12}$/, "12 digits")
    .default("123456789012"),
  /** Whether each tenant has environments of its own. https://docs.aws.amazon.com/lambda/latest/api/API_TenancyConfig.html */
  tenantIsolationMode: z.literal("PER_TENANT", { error: "PER_TENANT or nothing" }).optional(),
  ...logging,
});

/** Text has no levels. DG/monitoring-cloudwatchlogs-log-level.html */
const checked = functionConfiguration.superRefine((input, context) => {
  for (const field of ["applicationLogLevel", "systemLogLevel"] as const) {
    if (input.logFormat === "Text" && input[field] !== undefined)
      context.addIssue({ code: "custom", path: [field], message: "a level only when the log format is JSON" });
  }
});

function bytesOf(variables: Readonly<Record<string, string>>): number {
  return Object.entries(variables).reduce((sum, pair) => sum + Buffer.byteLength(pair.join("")), 0);
}

function wholeNumber(min: number, max: number) {
  const error = `a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

export type FunctionConfiguration = z.output<typeof functionConfiguration>;
export type FunctionConfigurationInput = z.input<typeof functionConfiguration>;

/** The only version that the emulator runs. */
export const latestVersion = "$LATEST";

/** A value that Lambda would not take; `code` is `INVALID_CONFIGURATION`. */
export class InvalidConfigurationError extends Error {
  readonly code = "INVALID_CONFIGURATION";
  /** Which value: a field of the configuration, such as `memoryMb`. */
  readonly field: string;
  /** What the field takes instead, such as `12 digits`. */
  readonly takes: string;

  constructor(field: string, takes: string) {
    super(`Cannot use "${field}" of the function: it takes ${takes}`);
    this.field = field;
    this.takes = takes;
  }
}

/**
 * The configuration with its defaults, or one sentence that names the value and what it takes. Managed Instances log in
 * JSON and in nothing else. DG/monitoring-cloudwatchlogs-logformat.html
 */
export function parseConfiguration(
  input: FunctionConfigurationInput,
  { managed, quotas }: Pick<Profile, "managed" | "quotas"> = profiles.aws,
): FunctionConfiguration {
  const logFormat = input.logFormat ?? (managed ? "JSON" : "Text");
  if (managed && logFormat === "Text") throw new InvalidConfigurationError("logFormat", 'JSON with the profile "lmi"');
  const parsed = checked.safeParse({ ...input, logFormat });
  const { environmentBytesMax: bytesMax } = limits;
  if (parsed.success && quotas && bytesOf(parsed.data.environment) > bytesMax)
    throw new InvalidConfigurationError("environment", `names and values of ${bytesMax} bytes together`);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const known = Object.keys(functionConfiguration.shape).join(", ");
  if (issue === undefined || issue.path[0] === undefined) {
    throw new InvalidConfigurationError("configuration", `the fields ${known}`);
  }
  throw new InvalidConfigurationError(String(issue.path[0]), issue.message);
}
