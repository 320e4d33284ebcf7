/** The door `bootlace`: what a runtime or a handler is written with. */

export { loadModule } from "../platform/module-loader.ts";
export type { FunctionError } from "../protocol/function-error.ts";
export type { Context } from "./context.ts";
export { type CurrentInvocation, currentInvocation } from "./current-invocation.ts";
export { type EventSchema, validated } from "./event-validation.ts";
export { functionErrorOf, TypedError } from "./function-error.ts";
export type { Callback, Handler } from "./function-handler.ts";
export { functionHandler } from "./function-handler.ts";
export { type HttpResponseMetadata, HttpResponseStream } from "./http-response-stream.ts";
export { afterRestore, beforeSnapshot, onShutdown, type ShutdownHook, type SnapshotHook } from "./life-hooks.ts";
export { type InvocationSpan, timeoutGuard, tracing } from "./middlewares.ts";
export { type ChildOptions, childHandler } from "./parts/child-handler.ts";
export { type Fetch, fetchHandler } from "./parts/fetch-handler.ts";
export { type HandlerName, handlerName } from "./parts/handler-name.ts";
export { startRuntime } from "./parts/start-runtime.ts";
export { wasiHandler } from "./parts/wasi-handler.ts";
export { answerInWorker, type WorkerBody, workerHandler } from "./parts/worker-handler.ts";
export { rawHandler } from "./raw-handler.ts";
export type { ResponseStream } from "./response-stream.ts";
export type {
  Delivery,
  Invocation,
  InvocationHandler,
  Middleware,
  Reply,
  RuntimeApi,
  StreamedResponse,
} from "./runtime-api.ts";
export { RuntimeApiError } from "./runtime-api.ts";
export { connectRuntimeApi } from "./runtime-api-client.ts";
export { serve } from "./serve.ts";
export { type StreamingHandler, streamifyResponse } from "./streaming-handler.ts";
