/** Which function a caller of the Lambda API means, from a name, a partial ARN or a full one, with or without a qualifier. */
import { type FunctionAddress, functionArn } from "../../protocol/arn.ts";
import { limits } from "../../protocol/limits.ts";
import { type FunctionConfiguration, latestVersion } from "../function-configuration.ts";
import {
  functionNotFound,
  invalidParameter,
  type ServiceError,
  validationFailed,
  wrongRegion,
} from "./service-error.ts";

/** The only name that the official emulator knows; ours answers to it as well. */
const anyName = "function";

/** As the service itself prints them in its refusals. */
const namePattern =
  "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";
const qualifierPattern = "\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+";

interface Asked {
  readonly functionName: string;
  readonly region?: string;
  readonly accountId?: string;
  readonly qualifier?: string;
}

/** The ARN that was invoked, with the qualifier only when the caller used one; or why there is no such function. */
export function invokedArn(
  configuration: FunctionConfiguration,
  given: string,
  query: string | undefined,
): string | ServiceError {
  const problems = [...qualifierProblems(query), ...nameProblems(given)];
  if (problems.length > 0) return validationFailed(problems);
  const asked = parsed(given);
  if (asked.qualifier !== undefined && query !== undefined && asked.qualifier !== query) {
    return invalidParameter("The derived qualifier from the function name does not match the specified qualifier.");
  }
  return known(configuration, { ...asked, ...(query === undefined ? {} : { qualifier: query }) });
}

function known(configuration: FunctionConfiguration, asked: Asked): string | ServiceError {
  const { functionName, region, accountId } = configuration;
  if (asked.region !== undefined && asked.region !== region) return wrongRegion(asked.region, region);
  const { qualifier } = asked;
  const address: FunctionAddress = {
    region,
    accountId: asked.accountId ?? accountId,
    functionName: asked.functionName,
  };
  const named = asked.functionName === functionName || asked.functionName === anyName;
  const here = asked.accountId === undefined || asked.accountId === accountId;
  if (!named || !here || (qualifier !== undefined && qualifier !== latestVersion)) {
    return functionNotFound(functionArn({ ...address, qualifier: qualifier ?? latestVersion }));
  }
  return functionArn({ ...address, functionName, ...(qualifier === undefined ? {} : { qualifier }) });
}

function parsed(given: string): Asked {
  const found = new RegExp(`^${namePattern}$`).exec(given);
  const [region, accountId] = [found?.[3]?.slice(0, -1), found?.[9]?.slice(0, -1)];
  const qualifier = found?.[13];
  return {
    functionName: found?.[11] ?? given,
    ...(region === undefined ? {} : { region }),
    ...(accountId === undefined ? {} : { accountId }),
    ...(qualifier === undefined ? {} : { qualifier }),
  };
}

function nameProblems(given: string): readonly string[] {
  if (new RegExp(`^${namePattern}$`).test(given)) return [];
  return [
    `Value '${given}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${namePattern}`,
  ];
}

function qualifierProblems(query: string | undefined): readonly string[] {
  if (query === undefined) return [];
  const value = `Value '${query}' at 'qualifier' failed to satisfy constraint`;
  if (query.length > limits.qualifierCharactersMax)
    return [`${value}: Member must have length less than or equal to ${limits.qualifierCharactersMax}`];
  if (new RegExp(`^(?:${qualifierPattern})$`).test(query)) return [];
  return [`${value}: Member must satisfy regular expression pattern: ${qualifierPattern}`];
}
