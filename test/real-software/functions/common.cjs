const { chunk } = require("lodash");
// A package that is an ES module and nothing else.
const { nanoid } = require("nanoid");

exports.handler = async () => ({ chunks: chunk([1, 2, 3], 2), id: nanoid(8).length });
