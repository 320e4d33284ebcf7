/** The head of a class in esbuild's output, what it is assigned to included; its body begins on the next line. */
const classHead = /^.*?(?:(?<![.\w$])([\w$]+) = )?\bclass\b(?: (?!extends\b)([\w$]+))?(?: extends .*)? \{$/gm;

/** The first thing in the body of a class, where esbuild was asked to keep names. */
const keptName = /^\s*static \{\s*__name\(this, ("[^"]*")\);\s*\}/;

/**
 * Gives classes the names that they have in their sources. A bundler calls some by another name, such as each that names
 * itself and the second one of a name, and with them types of errors in logs, tables of entities, tokens of injected
 * things. `named` is the same bundle as esbuild makes it when all names are kept, those of functions too, which takes a
 * twentieth of a start. No line moves.
 */
export function withClassNames(code: string, named: string): string {
  const names = [...named.matchAll(classHead)].map(({ 0: head, index }) => ({
    head,
    name: keptName.exec(named.slice(index + head.length, index + head.length + nameCharactersMax))?.[1],
  }));
  let nth = 0;
  return code.replace(classHead, (head, assigned?: string, own?: string) => {
    const kept = names[nth];
    nth += 1;
    if (kept?.head !== head || kept.name === undefined || kept.name === JSON.stringify(own ?? assigned)) return head;
    return `${head} static { Object.defineProperty(this, "name", { value: ${kept.name}, configurable: true }); }`;
  });
}

/** Longer names than this stay what they have become. */
const nameCharactersMax = 400;
