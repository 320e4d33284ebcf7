// A function that does not parse: a name cannot be given twice. In JavaScript, so that the sources can be checked.
export const handler = async () => 1;
// biome-ignore lint/suspicious/noRedeclare: it is the mistake that this file is about
export const handler = async () => 2;
