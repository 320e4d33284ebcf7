import "nowhere-at-all";
export const handler = async () => 1;
