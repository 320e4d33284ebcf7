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

/** So many of the items, chosen by a number that whoever wants the same choice again can give. */
export function sample<Item>(items: readonly Item[], count: number, seed: number): readonly Item[] {
  const step = 1 + (seed % (items.length - 1));
  return Array.from({ length: count }, (_, index) => items[(seed + index * step) % items.length]).filter(
    (item) => item !== undefined,
  );
}

/** Another one each day, unless `CONFORMANCE_SEED` says which. */
export const seed = Number(process.env.CONFORMANCE_SEED ?? Math.floor(Date.now() / 86_400_000));
