#!/bin/sh
# The client takes the handler's name as its argument.
here=$(dirname "$0")
exec "$NODE" "$here/node_modules/aws-lambda-ric/index.mjs" "$_HANDLER"
