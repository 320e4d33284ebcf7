/** The items through `work`, so many at once. */
export async function sideBySide<Item>(
  items: readonly Item[],
  jobs: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: jobs }, worker));
}

/** The same, begun at once: who wants a result waits for it, so that a test for each item need not begin it. */
export function begun<Item, Result>(
  items: readonly Item[],
  jobs: number,
  work: (item: Item) => Promise<Result>,
): ReadonlyMap<Item, Promise<Result>> {
  const results = new Map(items.map((item) => [item, Promise.withResolvers<Result>()]));
  void sideBySide(items, jobs, async (item) => {
    const result = results.get(item);
    await work(item).then(result?.resolve, result?.reject);
  });
  return new Map(
    [...results].map(([item, { promise }]) => {
      // Whoever waits for it hears of it.
      promise.catch(() => {});
      return [item, promise];
    }),
  );
}

/** So many of the items, chosen by a number that whoever wants the same choice again can give. */
export function sample<Item>(items: readonly Item[], count: number, seed: number): readonly Item[] {
  const step = 1 + (seed % (items.length - 1));
  return Array.from({ length: count }, (_, index) => items[(seed + index * step) % items.length]).filter(
    (item) => item !== undefined,
  );
}

/** Another one each day, unless `CONFORMANCE_SEED` says which. */
export const seed = Number(process.env.CONFORMANCE_SEED ?? Math.floor(Date.now() / 86_400_000));
