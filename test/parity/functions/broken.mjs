export const handler = async () => 1;
throw new RangeError("while loading");
