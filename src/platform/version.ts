/** The version in package.json, which a test compares: reading that file would cost start-up time. */
export const version = "0.1.0";
