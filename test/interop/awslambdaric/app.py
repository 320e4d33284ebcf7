"""The fixture's handler: what it does is chosen by "op" in the event. docs/CONFORMANCE.md says what each one means."""

import asyncio
import logging
import os
import subprocess
import sys
import threading
import time

count = 0


class Unprintable(Exception):
    def __str__(self):
        raise ValueError("this cannot be written")

    __repr__ = __str__


def ctx(_event, context):
    client = context.client_context
    return {
        "requestId": context.aws_request_id,
        "functionArn": context.invoked_function_arn,
        "functionName": context.function_name,
        "functionVersion": context.function_version,
        "memoryMb": context.memory_limit_in_mb,
        "logGroupName": context.log_group_name,
        "logStreamName": context.log_stream_name,
        "remainingMs": context.get_remaining_time_in_millis(),
        "traceId": os.environ.get("_X_AMZN_TRACE_ID"),
        "clientCustom": getattr(client, "custom", None),
        "clientEnv": getattr(client, "env", None),
        "identityId": context.identity.cognito_identity_id,
        "identityPoolId": context.identity.cognito_identity_pool_id,
        "tenantId": context.tenant_id,
    }


def throw(_event, _context):
    raise RuntimeError("thrown on purpose")


def throw_async(_event, _context):
    async def later():
        await asyncio.sleep(0.005)
        raise RuntimeError("thrown on purpose, later")

    return asyncio.run(later())


def throw_custom(event, _context):
    raise type(event["name"], (Exception,), {})(event["message"])


def throw_unprintable(_event, _context):
    raise Unprintable()


def reject_later(_event, _context):
    def fails():
        raise RuntimeError("raised where nobody waits")

    threading.Thread(target=fails).start()
    time.sleep(0.2)
    return "survived"


def unserialisable(_event, _context):
    circle = {}
    circle["circle"] = circle
    return circle


def counter(_event, _context):
    global count
    count += 1
    return {"count": count}


def background(event, _context):
    threading.Timer(event["ms"] / 1000, lambda: None).start()
    return {"background": True}


def sleep(event, _context):
    time.sleep(event["ms"] / 1000)
    return {"slept": event["ms"]}


def hang(_event, _context):
    while True:
        time.sleep(1)


def recurse(event, context):
    return recurse(event, context) + 1


def child(_event, _context):
    subprocess.Popen(["sleep", "8"], start_new_session=True)
    return {"started": True}


def fill(event, _context):
    held = b"a" * (event["mb"] << 20)
    time.sleep(event["ms"] / 1000)
    return {"held": len(held)}


def leave(event, _context):
    sys.exit(event["code"])


def log(event, _context):
    for line in range(1, event["lines"] + 1):
        print(f"conformance line {line}")
    return {"lines": event["lines"]}


def stdout_partial(_event, _context):
    sys.stdout.write("conformance fragment")
    return {"written": True}


def say(event, _context):
    time.sleep(event["ms"] / 1000)
    logging.getLogger().info(event["word"])
    return {"said": event["word"]}


def trace(event, _context):
    time.sleep(event["ms"] / 1000)
    return {"traceId": os.environ.get("_X_AMZN_TRACE_ID")}


operations = {
    "echo": lambda event, _context: event,
    "ctx": ctx,
    "throw": throw,
    "throw-async": throw_async,
    "throw-custom": throw_custom,
    "throw-unprintable": throw_unprintable,
    "reject-later": reject_later,
    "null": lambda _event, _context: None,
    "undefined": lambda _event, _context: None,
    "unserialisable": unserialisable,
    "big": lambda event, _context: "a" * (event["bytes"] - 2),
    "counter": counter,
    "background": background,
    "sleep": sleep,
    "hang": hang,
    "exit": leave,
    "log": log,
    "stdout-partial": stdout_partial,
    "recurse": recurse,
    "child": child,
    "fill": fill,
    "say": say,
    "trace": trace,
}


def handler(event, context):
    op = event.get("op", "echo") if isinstance(event, dict) else "echo"
    return operations[op](event, context)
