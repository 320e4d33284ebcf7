/** The name that was probably meant: of those that differ in a letter or three, the nearest; else one that begins so. */
export function didYouMean(given: string, names: readonly string[]): string | undefined {
  const lettersMax = Math.min(3, Math.floor(given.length / 2));
  const [nearest] = names
    .map((name) => ({ name, letters: distance(given, name) }))
    .filter(({ letters }) => letters <= lettersMax)
    .sort((a, b) => a.letters - b.letters);
  return nearest?.name ?? names.find((name) => given.length > 1 && name.startsWith(given));
}

/** How many letters have to be added, taken away or exchanged. Levenshtein's distance, a row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...a].entries()) {
    let left = index + 1;
    const next = [left];
    for (const [at, other] of [...b].entries()) {
      const [diagonal = 0, above = 0] = [row[at], row[at + 1]];
      left = Math.min(left + 1, above + 1, diagonal + (letter === other ? 0 : 1));
      next.push(left);
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
