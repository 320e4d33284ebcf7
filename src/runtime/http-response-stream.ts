import { httpIntegrationContentType } from "../protocol/headers.ts";
import type { ResponseStream } from "./response-stream.ts";

/** What the JSON part of an HTTP response stream says; anything that JSON can hold is passed on. */
export interface HttpResponseMetadata {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
}

/** Wraps a response stream, as `awslambda.HttpResponseStream` does. */
export const HttpResponseStream = {
  /** Makes status, headers and cookies the beginning of the response; gives back the same stream. */
  from<Stream extends Pick<ResponseStream, "setContentType" | "_onBeforeFirstWrite">>(
    stream: Stream,
    metadata: HttpResponseMetadata,
  ): Stream {
    stream.setContentType(httpIntegrationContentType);
    const prelude = JSON.stringify(metadata);
    stream._onBeforeFirstWrite = (write) => {
      write(prelude);
      write(new Uint8Array(8));
    };
    return stream;
  },
} as const;
