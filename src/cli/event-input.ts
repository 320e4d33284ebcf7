import { limits } from "../protocol/limits.ts";
import { UsageError } from "./failure.ts";
import { readInput, readStandardInput } from "./input-file.ts";

/** The bytes that the function will get, once they have been seen to be JSON. */
export async function readEvent(source: string | undefined, signal: AbortSignal): Promise<Uint8Array> {
  if (source === undefined) return Buffer.from("{}");
  const bytes =
    source === "-"
      ? await readStandardInput("event in standard input", limits.eventBytesMax, signal)
      : readInput(source, "event file", limits.eventBytesMax);
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return bytes;
  } catch (error) {
    const where = source === "-" ? "standard input" : `"${source}"`;
    throw new UsageError(`The event in ${where} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** The object that `--client-context` names: JSON on the command line itself. */
export function readClientContext(text: string | undefined): object | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw new UsageError(`Option "--client-context" takes a JSON object such as '{"custom":{"a":"b"}}', not "${text}"`);
}
