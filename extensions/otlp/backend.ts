import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { type Parcel, rejectedIn } from "./parcels.ts";

/** What a backend did with a request for good: it took it, whole or in part, or it will never take it. */
export interface Outcome {
  readonly rejected: number;
  readonly reason: string;
}

/** A backend that may take the same request later. */
export class BackendError extends Error {
  override readonly name = "BackendError";
}

/** Of all others a request that failed would fail again. OTLP/HTTP, "Retryable response codes" */
const retryable = [429, 502, 503, 504];

/** What a backend says is a short message; more is not worth the memory of the function. */
const answerBytesMax = 65_536;

const plain = { request: requestHttp, agent: new HttpAgent({ keepAlive: true }) };
const secure = { request: requestHttps, agent: new HttpsAgent({ keepAlive: true }) };

/** Sends one request. Rejects with a `BackendError` where it is worth another attempt. */
export async function sent(parcel: Parcel, signal: AbortSignal): Promise<Outcome> {
  const { status, body } = await post(parcel, signal);
  if (status >= 200 && status < 300) {
    const { items, reason } = rejectedIn(parcel, body);
    return { rejected: items, reason };
  }
  const said = `${parcel.signal} were answered with ${status}`;
  if (retryable.includes(status)) throw new BackendError(said);
  return { rejected: parcel.items, reason: said };
}

interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

async function post(parcel: Parcel, signal: AbortSignal): Promise<Answer> {
  try {
    return await attempt(parcel, signal, "kept");
  } catch {
    // The connection may have died while the environment was frozen: once more, on a new one.
    if (!signal.aborted)
      try {
        return await attempt(parcel, signal, "new");
      } catch (error) {
        throw failure(parcel, error);
      }
    throw failure(parcel, new Error("there was no more time"));
  }
}

/** By `node:http`: each request by `fetch` costs an extension a hundred kilobytes, beside a function that has 128 MB. */
async function attempt({ destination, body }: Parcel, signal: AbortSignal, connection: "kept" | "new") {
  const { url, headers, format, compression } = destination;
  const { request, agent } = url.startsWith("https:") ? secure : plain;
  const answer = Promise.withResolvers<IncomingMessage>();
  request(url, {
    method: "POST",
    agent: connection === "kept" ? agent : false,
    headers: {
      ...headers,
      "content-type": format === "http/json" ? "application/json" : "application/x-protobuf",
      ...(compression === "gzip" ? { "content-encoding": "gzip" } : {}),
      "content-length": body.byteLength,
    },
    signal,
  })
    .on("error", answer.reject)
    .on("response", answer.resolve)
    .end(body);
  return answered(await answer.promise);
}

async function answered(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes <= answerBytesMax) chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks) };
}

function failure({ signal, destination }: Parcel, error: unknown): BackendError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  // Where several addresses were tried, the message is empty.
  const what = error instanceof Error ? error.message || code : String(error);
  const { origin } = new URL(destination.url);
  return new BackendError(`${signal} could not be sent to ${origin}: ${what}`, { cause: error });
}
