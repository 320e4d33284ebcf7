import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { Tracer } from "@aws-lambda-powertools/tracer";

const logger = new Logger({ serviceName: "orders" });
const metrics = new Metrics({ namespace: "shop", serviceName: "orders" });
const tracer = new Tracer({ serviceName: "orders" });

export const handler = async (_event, context) => {
  logger.addContext(context);
  logger.info("taken", { order: 7 });
  metrics.addMetric("taken", MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
  return [tracer.getRootXrayTraceId(), tracer.isTracingEnabled()];
};
