/** More connections than this are no configuration but a mistake. The platform parks as many. RIE invoke/invoke_router.go */
const concurrencyMax = 10_000;

/**
 * How many invocations come at once: what `AWS_LAMBDA_MAX_CONCURRENCY` says on Managed Instances. One, which is how a
 * function runs everywhere else, when that is absent, 1 or no number; `complain` hears of the last.
 */
export function concurrencyOf(env: NodeJS.ProcessEnv, complain: (sentence: string) => void): number {
  const text = env.AWS_LAMBDA_MAX_CONCURRENCY;
  if (text === undefined || text === "") return 1;
  const count = Number(text);
  if (/^\d{1,9}$/.test(text) && count >= 1 && count <= concurrencyMax) return count;
  complain(
    `Takes one invocation at a time: AWS_LAMBDA_MAX_CONCURRENCY is "${text}", no number from 1 to ${concurrencyMax}`,
  );
  return 1;
}
