const https = require("node:https");

exports.get = () => https.get;
