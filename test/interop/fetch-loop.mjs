// A bootstrap as its author would write it with nothing but `fetch`: find the handler, then next, handler, response.
import process from "node:process";
import { pathToFileURL } from "node:url";

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;

function report(path, error, echo = {}) {
  const errorType = error?.name ?? typeof error;
  const body = { errorMessage: String(error?.message ?? error), errorType, stackTrace: [String(error?.stack ?? "")] };
  const headers = { "Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": errorType, ...echo };
  return fetch(`${api}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

async function load() {
  const [file, name] = (process.env._HANDLER ?? "").split(".");
  const module = await import(pathToFileURL(`${process.env.LAMBDA_TASK_ROOT}/${file}.mjs`).href);
  if (typeof module[name] !== "function") throw new TypeError(`${process.env._HANDLER} is not a function`);
  return module[name];
}

function contextOf(headers) {
  const json = (name) => (headers.get(name) ? JSON.parse(headers.get(name)) : undefined);
  const identity = json("lambda-runtime-cognito-identity");
  return {
    awsRequestId: headers.get("lambda-runtime-aws-request-id"),
    invokedFunctionArn: headers.get("lambda-runtime-invoked-function-arn"),
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, Number(headers.get("lambda-runtime-deadline-ms")) - Date.now()),
    clientContext: json("lambda-runtime-client-context"),
    identity: identity && {
      cognitoIdentityId: identity.cognitoIdentityId,
      cognitoIdentityPoolId: identity.cognitoIdentityPoolId,
    },
    tenantId: headers.get("lambda-runtime-aws-tenant-id") ?? undefined,
  };
}

async function serveOne(handler) {
  const next = await fetch(`${api}/invocation/next`);
  if (next.status !== 200) throw new Error(`next was answered with ${next.status}`);
  const id = next.headers.get("lambda-runtime-aws-request-id");
  const trace = next.headers.get("lambda-runtime-trace-id");
  const nonce = next.headers.get("lambda-runtime-invocation-id");
  const echo = nonce === null ? {} : { "Lambda-Runtime-Invocation-Id": nonce };
  if (trace === null) delete process.env._X_AMZN_TRACE_ID;
  else process.env._X_AMZN_TRACE_ID = trace;
  let body;
  try {
    body = JSON.stringify((await handler(await next.json(), contextOf(next.headers))) ?? null);
  } catch (error) {
    await (await report(`/invocation/${id}/error`, error, echo)).arrayBuffer();
    return;
  }
  const headers = { "Content-Type": "application/json", ...echo };
  const answer = await fetch(`${api}/invocation/${id}/response`, { method: "POST", headers, body });
  await answer.arrayBuffer();
}

let handler;
try {
  handler = await load();
} catch (error) {
  await report("/init/error", error);
  process.exit(1);
}
for (;;) await serveOne(handler);
