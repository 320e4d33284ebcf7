/**
 * What the launcher tells the engine: V8's threads are as many as there are processors beside the first, where Node
 * starts four anywhere. Each keeps the memory of what it has compiled for ever, a megabyte and more, and Lambda gives most
 * functions less than one processor, on which several are no quicker than one.
 */
export const poolFlag = "--v8-pool-size=0";

/**
 * Takes the flag out of `process.execArgv`, where it has done its work: `new Worker(file, { execArgv:
 * process.execArgv })` would be refused because of it.
 */
export function forgetPoolFlag(): void {
  const at = process.execArgv.indexOf(poolFlag);
  if (at >= 0) process.execArgv.splice(at, 1);
}
