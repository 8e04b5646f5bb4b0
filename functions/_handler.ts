/**
 * What every function of Teal has around it: structured logs with the deployment's id, metrics,
 * and one line for each decision. The only place that knows middy and Powertools.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';

const logger = new Logger();
const metrics = new Metrics();

/** What a task answers to the state machine. */
interface Answer {
  readonly directive?: { readonly type: string; readonly reason: string };
  readonly revertReadiness?: { readonly percent: number };
}

/**
 * Wraps a task: its logs carry the deployment, its directive is logged and counted, its failure is
 * logged with the facts and passed on as it is, because the state machine goes by its name.
 */
export function withStack<Event, Result>(run: (event: Event, context: Context) => Promise<Result>) {
  // Order: the logger first, so that what metrics complains about has a context; metrics last,
  // so that they are flushed even when the task failed.
  // No early timeout of middy's own: its error would not be one that the state machine retries, as
  // it does when Lambda says that the function ran out of time.
  return middy<Event, Result>({ timeoutEarlyInMillis: 0 })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(logMetrics(metrics, { throwOnEmptyMetrics: false }))
    .handler(async (event: Event, context: Context) => {
      const deploymentId = readDeploymentId(event);
      if (deploymentId) logger.appendKeys({ deploymentId });
      try {
        const result = await run(event, context);
        report(result as Answer | undefined);
        return result;
      } catch (error) {
        logFailure(error);
        throw error;
      }
    });
}

/** Logs a failure that was answered, and so is not passed on, with its facts. */
export function logFailure(error: unknown): void {
  logger.error(error instanceof Error ? error.message : 'failed', {
    error: error as Error,
    facts: (error as { facts?: Record<string, unknown> }).facts ?? {},
  });
}

function report(answer: Answer | undefined): void {
  const readiness = answer?.revertReadiness;
  if (readiness) metrics.addMetric('RevertReadinessPercent', MetricUnit.Percent, readiness.percent);
  const directive = answer?.directive;
  if (!directive) return;
  logger.info(directive.reason, { directive: { ...directive } });
  metrics.addMetric(`Directive.${directive.type}`, MetricUnit.Count, 1);
}

function readDeploymentId(event: unknown): string | undefined {
  if (typeof event !== 'object' || event === null || !('deploymentId' in event)) return undefined;
  return String(event.deploymentId);
}
