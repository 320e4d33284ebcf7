#!/bin/sh
# The client takes the handler's name as its argument, and reaches a descriptor for its log through the inside of java.io.
here=$(dirname "$0")
exec java --add-opens java.base/java.io=ALL-UNNAMED \
  -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$here/target/classes:$here/target/dependency/*" \
  com.amazonaws.services.lambda.runtime.api.client.AWSLambda "$_HANDLER"
