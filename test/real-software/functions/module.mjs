import lodash from "lodash";
import { nanoid } from "nanoid";

export const handler = async () => ({ chunks: lodash.chunk([1, 2, 3], 2), id: nanoid(8).length });
