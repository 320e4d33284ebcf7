/** Why an environment was initialised: the value of `AWS_LAMBDA_INITIALIZATION_TYPE`. DG/configuration-envvars.html */
export type InitializationType = "on-demand" | "provisioned-concurrency" | "snap-start" | "lambda-managed-instances";
