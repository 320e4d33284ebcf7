exports.handler = async (event) => ({ event, file: require("node:path").basename(__filename) });
exports.nested = { deep: { handler: async () => "deep" } };
exports.value = 7;
exports.main = async () => [typeof require.main, typeof process.mainModule];
