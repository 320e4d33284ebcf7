/** What a caller of the Lambda API says, as bytes. */
import { type RawResponse, request } from "./raw-client.ts";

export const arn = "arn:aws:lambda:us-east-1:123456789012:function";

export function invoke(
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = "{}",
  name = "hello",
): Buffer {
  return request(`POST /2015-03-31/functions/${name}/invocations`, headers, body);
}

export function header({ lines }: RawResponse, name: string): string | undefined {
  const line = lines.find((candidate) => candidate.toLowerCase().startsWith(`${name.toLowerCase()}: `));
  return line?.slice(name.length + 2);
}
