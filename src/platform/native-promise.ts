/** Node's own, as it was before anything of a function ran: some put a library's in its place, which can do less. */
export const NativePromise = Promise;
