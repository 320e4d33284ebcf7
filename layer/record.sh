#!/bin/sh
# Starts a runtime behind the proxy of the extension "recorder", as AWS_LAMBDA_EXEC_WRAPPER. Without one, without it.
address=/tmp/.bootlace-recorder-$AWS_LAMBDA_RUNTIME_API
# Lambda has one user; on a shared machine, an address that somebody else left there is not ours.
if [ -f "$address" ] && [ -O "$address" ] && read -r AWS_LAMBDA_RUNTIME_API <"$address"; then
  export AWS_LAMBDA_RUNTIME_API
else
  echo "The recorder is not there, so the calls of this runtime are not recorded" >&2
fi
exec "$@"
