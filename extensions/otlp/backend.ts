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

/** Sends one request. Rejects with a `BackendError` where it is worth another attempt. */
export async function sent(parcel: Parcel, signal: AbortSignal): Promise<Outcome> {
  const response = await post(parcel, signal);
  const answer = new Uint8Array(await response.arrayBuffer());
  if (response.ok) {
    const { items, reason } = rejectedIn(parcel, answer);
    return { rejected: items, reason };
  }
  const said = `${parcel.signal} were answered with ${response.status}`;
  if (retryable.includes(response.status)) throw new BackendError(said);
  return { rejected: parcel.items, reason: said };
}

async function post(parcel: Parcel, signal: AbortSignal): Promise<Response> {
  const { url, headers, format, compression } = parcel.destination;
  const request = () =>
    fetch(url, {
      method: "POST",
      body: parcel.body,
      headers: {
        ...headers,
        "content-type": format === "http/json" ? "application/json" : "application/x-protobuf",
        ...(compression === "gzip" ? { "content-encoding": "gzip" } : {}),
      },
      signal,
    });
  try {
    return await request();
  } catch {
    // The connection may have died while the environment was frozen: once more, on a new one.
    if (!signal.aborted)
      try {
        return await request();
      } catch (error) {
        throw failure(parcel, error);
      }
    throw failure(parcel, signal.reason);
  }
}

/** Of `fetch`, the cause knows what happened. */
function failure({ signal, destination }: Parcel, error: unknown): BackendError {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const what = cause instanceof Error ? cause.message || code : String(cause);
  const { origin } = new URL(destination.url);
  return new BackendError(`${signal} could not be sent to ${origin}: ${what}`, { cause: error });
}
