import type { InvocationHandler } from "./runtime-api.ts";

const rawMark = Symbol.for("bootlace.handler.raw");

/**
 * Marks a function as one that takes the invocation as it arrives and gives bytes, or a stream of them: no JSON on
 * either side, no context, and any `Middleware` around it. Gives the function back.
 */
export function rawHandler(handler: InvocationHandler): InvocationHandler {
  return Object.assign((...args: Parameters<InvocationHandler>) => handler(...args), { [rawMark]: true });
}

/** Whether `rawHandler`, of any copy of this package, has marked this function. */
export function isRawHandler(handler: object): handler is InvocationHandler {
  return Reflect.get(handler, rawMark) === true;
}
