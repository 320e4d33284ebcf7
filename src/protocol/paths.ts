/** Paths of the APIs inside an execution environment, and of the Lambda API in front of it. */
export const paths = {
  ping: "/2018-06-01/ping",
  next: "/2018-06-01/runtime/invocation/next",
  initError: "/2018-06-01/runtime/init/error",
  restoreNext: "/2018-06-01/runtime/restore/next",
  restoreError: "/2018-06-01/runtime/restore/error",
  /** SnapStart only. RIE rapi/server.go */
  credentials: "/2021-04-23/credentials",
  response: (requestId: string) => `/2018-06-01/runtime/invocation/${requestId}/response`,
  error: (requestId: string) => `/2018-06-01/runtime/invocation/${requestId}/error`,
  register: "/2020-01-01/extension/register",
  extensionNext: "/2020-01-01/extension/event/next",
  extensionInitError: "/2020-01-01/extension/init/error",
  extensionExitError: "/2020-01-01/extension/exit/error",
  telemetry: "/2022-07-01/telemetry",
  logs: "/2020-08-15/logs",
  invokeWithResponseStream: (functionName: string) =>
    `/2021-11-15/functions/${functionName}/response-streaming-invocations`,
  invoke: (functionName: string) => `/2015-03-31/functions/${functionName}/invocations`,
} as const;
