/**
 * What the runtime uses of the language and of Node, as it was before anything of a function ran: a function that puts
 * something else in its place, or nothing, is still answered. What Node makes only when it is asked for is not among them.
 */
export const keptGlobals: readonly string[] = [
  ...["Array", "Atomics", "BigInt", "Buffer", "Date", "Error", "Function", "Int32Array", "JSON", "Map", "Math"],
  ...["Number", "Object", "Promise", "Reflect", "RegExp", "Set", "SharedArrayBuffer", "String", "Symbol", "TypeError"],
  ...["Uint8Array", "clearTimeout", "encodeURIComponent", "parseInt", "process", "setTimeout"],
];

/** Stands before the program. Nothing of a function is in it, whose own code is to see what it has replaced. */
export const keepGlobals = `"use strict";const {${keptGlobals.join()}}=globalThis;`;
