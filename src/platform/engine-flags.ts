/**
 * What the launcher tells the engine, each unless `NODE_OPTIONS` says the same.
 * - V8's threads are as many as there are processors beside the first, where Node starts four anywhere. Each keeps the
 *   memory of what it has compiled for ever, a megabyte and more, and Lambda gives most functions less than one processor,
 *   on which several are no quicker than one.
 * - An HTTP answer may have 80 KiB of headers, as in the managed runtime.
 */
export const engineFlags = ["--v8-pool-size=0", "--max-http-header-size=81920"] as const;

/** Begin the flags that limit the heap. */
export const heapFlagNames = { old: "--max-old-space-size=", young: "--max-semi-space-size=" } as const;

/**
 * The launcher also limits the heap as the managed runtime does, by the function's memory in MiB: left alone, V8 takes a
 * part of what the machine has for objects that last, and a function ends with memory left over; but three spaces of 64 MiB
 * for those that do not, however little memory there is.
 */
export function heapFlags(memoryMiB: number): readonly string[] {
  const young = Math.floor(memoryMiB / 20);
  return [
    ...(memoryMiB > 0 ? [`${heapFlagNames.old}${memoryMiB - Math.floor(memoryMiB / 10)}`] : []),
    ...(young > 0 && young < 64 ? [`${heapFlagNames.young}${young}`] : []),
  ];
}

/**
 * Takes the flags out of `process.execArgv`, where they have done their work: `new Worker(file, { execArgv:
 * process.execArgv })` would be refused because of them.
 */
export function forgetEngineFlags(): void {
  const given: readonly string[] = [...engineFlags, ...heapFlags(Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE))];
  const kept = process.execArgv.filter((flag) => !given.includes(flag));
  process.execArgv.splice(0, Number.POSITIVE_INFINITY, ...kept);
}
