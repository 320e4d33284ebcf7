/**
 * What the launcher tells the engine, each unless `NODE_OPTIONS` says the same.
 * - V8's threads are as many as there are processors beside the first, where Node starts four anywhere. Each keeps the
 *   memory of what it has compiled for ever, a megabyte and more, and Lambda gives most functions less than one processor,
 *   on which several are no quicker than one.
 * - An HTTP answer may have 80 KiB of headers, as in the managed runtime.
 */
export const engineFlags = ["--v8-pool-size=0", "--max-http-header-size=81920"] as const;

/** The flags that limit the heap, and the rule of each: the launcher is compiled with these. Shares are of the memory. */
export const heapRules = {
  /** For objects that last: all but this share. */
  old: { flag: "--max-old-space-size=", withoutShare: 10 },
  /** For the others: this share, where it is less than V8 would take by itself, in MiB. */
  young: { flag: "--max-semi-space-size=", share: 20, ofV8: 64 },
} as const;

/**
 * The launcher also limits the heap as the managed runtime does, by the function's memory in MiB: left alone, V8 takes a
 * part of what the machine has for objects that last, and a function ends with memory left over; but three spaces of 64 MiB
 * for those that do not, however little memory there is.
 */
export function heapFlags(memoryMiB: number): readonly string[] {
  const { old, young } = heapRules;
  const youngMiB = Math.floor(memoryMiB / young.share);
  return [
    ...(memoryMiB > 0 ? [`${old.flag}${memoryMiB - Math.floor(memoryMiB / old.withoutShare)}`] : []),
    ...(youngMiB > 0 && youngMiB < young.ofV8 ? [`${young.flag}${youngMiB}`] : []),
  ];
}

/** Where `NODE_OPTIONS` has Node's permission model: the folder of the program, so that it can say what else is missing. */
export const readableFlag = "--allow-fs-read=";

/**
 * Takes out of `process.execArgv` what is of use to this process alone. The heap and the headers stay there, as in the
 * managed runtime, which has them on its command line too: so `fork` gives them to its children.
 */
export function forgetEngineFlags(): void {
  const [, program = ""] = process.argv;
  const [pool] = engineFlags;
  const given: readonly string[] = [pool, `${readableFlag}${program.slice(0, program.lastIndexOf("/") + 1)}`];
  const kept = process.execArgv.filter((flag) => !given.includes(flag));
  process.execArgv.splice(0, Number.POSITIVE_INFINITY, ...kept);
}
