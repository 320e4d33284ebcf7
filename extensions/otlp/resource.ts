import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import type { RegisteredFunction } from "bootlace/extension";

/**
 * The execution environment as OpenTelemetry describes one: its conventions for "FaaS", "Cloud" and "Service" resources.
 * The name of the log stream, which they suggest as the instance, is not told to extensions.
 */
export function resourceOf(
  about: RegisteredFunction,
  instanceId: string,
  chosen: Readonly<Record<string, string>>,
): Resource {
  const { AWS_REGION, AWS_LAMBDA_FUNCTION_MEMORY_SIZE } = process.env;
  const memoryMB = Number(AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
  return resourceFromAttributes({
    "service.name": about.functionName,
    "cloud.provider": "aws",
    "cloud.platform": "aws_lambda",
    ...(AWS_REGION === undefined ? {} : { "cloud.region": AWS_REGION }),
    "faas.name": about.functionName,
    "faas.version": about.functionVersion,
    "faas.instance": instanceId,
    ...(memoryMB > 0 ? { "faas.max_memory": memoryMB * 1_048_576 } : {}),
    "telemetry.distro.name": "bootlace",
    ...chosen,
  });
}
