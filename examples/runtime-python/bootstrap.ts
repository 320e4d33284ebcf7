/**
 * A runtime for Python: `_HANDLER=orders.create` is the function `create(event, context)` of `orders.py`, in a process that
 * stays. What the function returns is its response as JSON; a generator is streamed; what it raises is a function error.
 */
import { childHandler, handlerName, startRuntime } from "bootlace";

const loop = `
import importlib, inspect, json, os, sys, time, traceback
from types import SimpleNamespace

def say(fields, body=b""):
    line = json.dumps({**fields, "bytes": len(body)}).encode() + b"\\n"
    for part in (line, body):
        while part:
            part = part[os.write(4, part):]

def describe(error):
    try:
        message = str(error)
    except Exception:
        message = "an error that cannot be printed"
    try:
        lines = traceback.format_exception(type(error), error, error.__traceback__)
    except Exception:
        lines = []
    return {"type": "error", "errorType": type(error).__name__, "errorMessage": message, "stackTrace": lines}

class Context:
    def __init__(self, frame):
        self.aws_request_id = frame["requestId"]
        self.invoked_function_arn = frame.get("invokedFunctionArn")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        client, identity = parsed(frame.get("clientContext")), parsed(frame.get("cognitoIdentity")) or {}
        self.client_context = client and SimpleNamespace(**{"client": None, "custom": None, "env": None, **client})
        self.identity = SimpleNamespace(
            cognito_identity_id=identity.get("cognitoIdentityId"),
            cognito_identity_pool_id=identity.get("cognitoIdentityPoolId"),
        )
        self.tenant_id = frame.get("tenantId")
        self._deadline = frame.get("deadlineEpochMs", 0)

    def get_remaining_time_in_millis(self):
        return max(0, int(self._deadline - time.time() * 1000))

def parsed(text):
    try:
        value = json.loads(text or "null")
    except ValueError:
        value = None
    return value if isinstance(value, dict) else None

def answer(handler, frame, event):
    if "traceId" in frame:
        os.environ["_X_AMZN_TRACE_ID"] = frame["traceId"]
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    result = handler(json.loads(event or b"null"), Context(frame))
    if not inspect.isgenerator(result):
        say({"type": "response"}, json.dumps(result, ensure_ascii=False).encode())
        return
    say({"type": "stream", "contentType": "application/octet-stream"})
    for chunk in result:
        say({"type": "chunk"}, chunk.encode() if isinstance(chunk, str) else chunk)
    say({"type": "end"})

root, module, member = sys.argv[1:]
sys.path.insert(0, root)
try:
    handler = getattr(importlib.import_module(module.replace("/", ".")), member)
except BaseException as error:
    say(describe(error))
    sys.exit(1)
say({"type": "ready"})
pipe = os.fdopen(3, "rb")
for line in pipe:
    frame = json.loads(line)
    event = pipe.read(frame.get("bytes", 0))
    try:
        answer(handler, frame, event)
    except Exception as error:
        say(describe(error))
    sys.stdout.flush()
    sys.stderr.flush()
`;

startRuntime(() => {
  const { file, member, taskRoot } = handlerName();
  const env = { ...process.env, PYTHONUNBUFFERED: "1" };
  return childHandler({ command: "python3", args: ["-c", loop, taskRoot, file, member], env });
});
