#!/bin/sh
# The client takes the handler's name as its argument.
here=$(dirname "$0")
exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$here/target/classes:$here/target/dependency/*" \
  com.amazonaws.services.lambda.runtime.api.client.AWSLambda "$_HANDLER"
