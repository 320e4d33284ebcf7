/** The items in an order that depends on the seed, and on nothing else. Fisher and Yates, with a generator by Marsaglia. */
export function shuffled<Item>(items: readonly Item[], seed: number): readonly Item[] {
  const order = [...items];
  // Xorshift stands still at zero.
  let state = (seed + 1) >>> 0 || 1;
  const below = (count: number) => {
    for (let round = 0; round < 8; round += 1) {
      state = (state ^ (state << 13)) >>> 0;
      state = (state ^ (state >>> 17)) >>> 0;
      state = (state ^ (state << 5)) >>> 0;
    }
    return state % count;
  };
  for (let last = order.length - 1; last > 0; last -= 1) {
    const [item] = order.splice(below(last + 1), 1);
    if (item !== undefined) order.push(item);
  }
  return order;
}
