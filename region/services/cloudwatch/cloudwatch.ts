/**
 * CloudWatch: metrics from the region's services and from outside, and alarms on them.
 * Not for: logs, dashboards, anomaly detection, Metrics Insights, streams.
 */
import type { ScalingAlarms } from '../../kernel/contracts.ts';
import type { Kernel, Measurement } from '../../kernel/kernel.ts';
import type { Service } from '../../kernel/service.ts';
import { createAlarmBook } from './alarm-book.ts';
import type { Notify, PerformAction } from './alarm-actions.ts';
import { startAlarmClock } from './alarm-clock.ts';
import type { EvaluationState } from './alarms.ts';
import { createAlarmOperations } from './alarm-operations.ts';
import { createAlarmReads } from './alarm-reads.ts';
import { createMetricReads } from './metric-reads.ts';
import { createMetricStore } from './metric-store.ts';
import { createPutAlarms } from './put-alarms.ts';
import { createPutMetricData } from './put-metric-data.ts';
import { createScalingAlarms } from './scaling-alarms.ts';

/** CloudWatch, as the rest of the region sees it. */
export interface CloudWatch {
  readonly service: Service;
  /** Takes a measurement of one of the region's own services. */
  record(measurement: Measurement): void;
  /** The alarms, as Auto Scaling uses them. */
  readonly alarms: ScalingAlarms;
  /**
   * Keeps a metric alarm from being evaluated as it should, or, with undefined, lets it be again.
   * @throws Error when there is no such metric alarm
   */
  breakEvaluation(alarmName: string, how: EvaluationState | undefined): void;
}

/** What CloudWatch needs, and how fast it is. */
export interface CloudWatchOptions {
  readonly kernel: Kernel;
  /** Publishes to a topic for an alarm. Absent means that such an action fails. */
  readonly notify?: Notify;
  /** Carries out actions of Auto Scaling. Absent means that such an action fails. */
  readonly performAction?: PerformAction;
  /** Seconds past the full minute at which alarms are evaluated, 0 to 59. */
  readonly evaluationOffsetSeconds?: number;
  /** Seconds after the end of its minute at which a measurement of AWS's namespaces is visible. */
  readonly metricDelaySeconds?: number;
}

/**
 * In AWS's sample events alarms are evaluated 40 seconds past the minute.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
const EVALUATION_OFFSET_SECONDS = 40;

/**
 * Load balancers report once a minute; AWS does not say how long after. Our choice: a minute's
 * data is there in time for the evaluation that follows it.
 */
const METRIC_DELAY_SECONDS = 30;

/** Starts CloudWatch without metrics and alarms. */
export function createCloudWatch(options: CloudWatchOptions): CloudWatch {
  const { kernel } = options;
  const store = createMetricStore({
    delaySeconds: options.metricDelaySeconds ?? METRIC_DELAY_SECONDS,
  });
  const book = createAlarmBook({
    kernel,
    notify: options.notify ?? refuseToNotify,
    performAction: options.performAction ?? refuseToScale,
  });
  startAlarmClock({
    clock: kernel.clock,
    store,
    book,
    evaluationOffsetSeconds: options.evaluationOffsetSeconds ?? EVALUATION_OFFSET_SECONDS,
  });
  return {
    service: {
      name: 'cloudwatch',
      operations: {
        PutMetricData: createPutMetricData({ kernel, store }),
        ...createMetricReads({ kernel, store }),
        ...createPutAlarms({ kernel, book }),
        ...createAlarmOperations({ kernel, book }),
        ...createAlarmReads({ book }),
      },
    },
    alarms: createScalingAlarms({ kernel, book }),
    breakEvaluation: (alarmName, how) => {
      const alarm = book.find(alarmName);
      if (alarm?.type !== 'metric') throw new Error(`There is no metric alarm ${alarmName}.`);
      book.setEvaluationState(alarm, how);
    },
    record: ({ namespace, metricName, dimensions, value, unit, at }) => {
      const now = kernel.clock.now();
      store.add({
        metric: { namespace, metricName, dimensions },
        unit,
        at: at ?? now,
        now,
        sample: { value, count: 1 },
        highResolution: false,
      });
    },
  };
}

function refuseToNotify(topicArn: string): never {
  throw new Error(`Could not publish to ${topicArn}: nobody publishes to topics in this region.`);
}

function refuseToScale(actionArn: string): never {
  throw new Error(`Could not carry out ${actionArn}: this region has no Auto Scaling.`);
}
