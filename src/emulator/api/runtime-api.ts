/** The Runtime API: a table from routes to inputs. DG/runtimes-api.html */
import type { Input } from "../../core/environment/input.ts";
import type { CallId } from "../../core/environment/model.ts";
import { headers, streamingMode } from "../../protocol/headers.ts";
import { limits } from "../../protocol/limits.ts";
import { paths } from "../../protocol/paths.ts";
import type { Profile } from "../../protocol/profile.ts";
import { tooLarge } from "../../protocol/refusal.ts";
import type { StreamSink } from "../response-stream.ts";
import type { Calls } from "./calls.ts";
import type { Exchange } from "./exchange.ts";
import type { Route } from "./server.ts";

type AnswerKind = (Input & { type: "answer-began" })["answer"];

/** The Runtime API of every environment. */
export function runtimeApi(calls: Calls, accept: (input: Input) => void, { errorBytesMax }: Profile): readonly Route[] {
  const answer =
    (kind: AnswerKind) =>
    (exchange: Exchange, { requestId = "" }) =>
      readAnswer(calls, accept, exchange, kind, requestId);
  return [
    { method: "GET", path: paths.ping, handle: pong },
    {
      method: "GET",
      path: paths.next,
      handle: (exchange) => next(calls, accept, exchange),
    },
    { method: "POST", path: paths.response(":requestId"), handle: answer("response") },
    { method: "POST", path: paths.error(":requestId"), handle: limited(errorBytesMax, answer("error")) },
    { method: "POST", path: paths.initError, handle: (exchange) => readInitError(calls, accept, exchange) },
  ];
}

/** Go names the type of plain text by itself. https://pkg.go.dev/net/http#DetectContentType */
function pong(exchange: Exchange): void {
  exchange.answer(200, { "Content-Type": "text/plain; charset=utf-8" }, "pong");
}

/** Whoever is gone before its turn has not asked: nothing may be handed to it. */
function next(calls: Calls, accept: (input: Input) => void, exchange: Exchange): void {
  if (!exchange.gone) accept({ type: "runtime-next", call: calls.hold(exchange) });
}

type Handle = Route["handle"];

/** A body over a limit of its own is refused before anybody hears of it. RIE-LMI rapi/handler/invocationerror.go */
function limited(bytesMax: number, handle: Handle): Handle {
  if (bytesMax >= limits.payloadBytesMax) return handle;
  return async (exchange, parameters) => {
    const { bytes } = await exchange.readBody();
    if (bytes.length > bytesMax) return exchange.refuse(tooLarge(limits.payloadBytesMax));
    return handle(exchange, parameters);
  };
}

async function readAnswer(
  calls: Calls,
  accept: (input: Input) => void,
  exchange: Exchange,
  answer: AnswerKind,
  requestId: string,
): Promise<void> {
  const call = calls.open(exchange);
  const invocationId = exchange.header(headers.invocationId);
  const echo = invocationId === undefined ? {} : { invocationId };
  accept({ type: "answer-began", call, requestId, answer, mode: modeOf(exchange, answer), ...echo });
  if (!calls.has(call)) return;
  const sink = calls.takeSink(call);
  if (sink !== undefined) return passStream(calls, accept, exchange, call, sink);
  const body = await exchange.readBody();
  // Refused while it was read: its invocation has timed out, and nobody will ask for what it carried.
  if (!calls.has(call)) return;
  calls.keepPayload(call, body.bytes);
  accept({ type: "answer-ended", call, ending: body.ending, bytes: body.bytes.length, ...errorTypeOf(exchange) });
}

/** A stream's error comes in its trailers, the body of it in base64. DG/runtimes-custom.html */
async function passStream(
  calls: Calls,
  accept: (input: Input) => void,
  exchange: Exchange,
  call: CallId,
  sink: StreamSink,
): Promise<void> {
  const { ending, bytes, trailers } = await exchange.passBody((chunk) => sink.write(chunk));
  if (!calls.has(call)) return;
  const errorType = trailers[headers.functionErrorType.toLowerCase()];
  calls.keepPayload(call, Buffer.from(trailers[headers.functionErrorBody.toLowerCase()] ?? "", "base64"));
  accept({ type: "answer-ended", call, ending, bytes, ...(errorType === undefined ? {} : { errorType }) });
}

function modeOf(exchange: Exchange, answer: AnswerKind): "buffered" | "streaming" | "invalid" {
  const mode = answer === "response" ? exchange.header(headers.responseMode) : undefined;
  if (mode === undefined || mode === "") return "buffered";
  return mode === streamingMode ? "streaming" : "invalid";
}

async function readInitError(calls: Calls, accept: (input: Input) => void, exchange: Exchange): Promise<void> {
  const body = await exchange.readBody();
  const call = calls.open(exchange);
  calls.keepPayload(call, body.bytes);
  accept({ type: "runtime-init-error", call, bytes: body.bytes.length, ...errorTypeOf(exchange) });
}

function errorTypeOf(exchange: Exchange): { readonly errorType?: string } {
  const errorType = exchange.header(headers.functionErrorType);
  return errorType === undefined ? {} : { errorType };
}
