import { type FunctionConfigurationInput, functionConfiguration } from "../../emulator/function-configuration.ts";
import { UsageError } from "../failure.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** What the official emulator reads of its own environment, with its defaults. RIE rie/handlers.go */
export function rieConfiguration(variables: Variables, handler: string | undefined): FunctionConfigurationInput {
  const { AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_FUNCTION_HANDLER, _HANDLER, AWS_REGION } = variables;
  const given = handler ?? (AWS_LAMBDA_FUNCTION_HANDLER || _HANDLER);
  return {
    functionName: AWS_LAMBDA_FUNCTION_NAME || "test_function",
    accountId: "012345678912",
    timeoutMs: whole(variables, "AWS_LAMBDA_FUNCTION_TIMEOUT", 300) * 1000,
    memoryMb: whole(variables, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", 3008),
    ...(given ? { handler: given } : {}),
    ...(AWS_REGION ? { region: AWS_REGION } : {}),
    environment: passedOn(variables),
  };
}

/** Its own variables have been read; of the others, those go on that a function may have. */
function passedOn(variables: Variables): Readonly<Record<string, string>> {
  const { environment } = functionConfiguration.shape;
  const usable = Object.entries(variables).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && environment.safeParse({ [entry[0]]: entry[1] }).success,
  );
  return Object.fromEntries(usable);
}

function whole(variables: Variables, name: string, fallback: number): number {
  const value = variables[name] || String(fallback);
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new UsageError(`The variable ${name} takes a whole number, not "${value}"`);
}
