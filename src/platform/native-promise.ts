/** Node's own, as it was before anything of a function ran: some put a library's in its place, which can do less. */
export const NativePromise = Promise;

const { then } = Promise.prototype;

type Next<From, To> = ((value: From) => To | PromiseLike<To>) | undefined;

/**
 * `promise.then(…)`, for promises of ours, as it was before anything of a function ran: X-Ray's SDK and others put their
 * own in its place, which takes each of ours for the function's, and says so in its log.
 */
export function whenSettled<T, Result = T, Failed = never>(
  promise: Promise<T>,
  fulfilled: Next<T, Result>,
  rejected?: Next<unknown, Failed>,
): Promise<Result | Failed> {
  return then.call(promise, fulfilled, rejected) as Promise<Result | Failed>;
}

/** `Promise.race(…)`, for promises of ours, likewise. */
export function firstOf<T>(...promises: readonly Promise<T>[]): Promise<T> {
  return new NativePromise((resolve, reject) => {
    for (const promise of promises) whenSettled(promise, resolve, reject);
  });
}

/** Whether it is a promise of Node's own, on which only Node's own `then` would be called by `await`. */
export function isNative(value: object): value is Promise<unknown> {
  return value instanceof NativePromise && value.constructor === NativePromise;
}
