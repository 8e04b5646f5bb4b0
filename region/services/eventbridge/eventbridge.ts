/**
 * EventBridge: the default event bus, its rules, and schedules.
 * Not for: other buses, archives, pipes, API destinations, the scheduler service.
 */
import type { Target } from '@aws-sdk/client-eventbridge';
import type { Kernel, RegionEvent } from '../../kernel/kernel.ts';
import type { Service } from '../../kernel/service.ts';
import type { DeadLetter } from './dead-letters.ts';
import { createDelivery } from './delivery.ts';
import type { DeliveryFault, Receivers } from './delivery.ts';
import { wrapEvent } from './envelope.ts';
import type { Envelope } from './envelope.ts';
import { createPutEvents } from './put-events.ts';
import { createRuleOperations, putRule } from './rule-operations.ts';
import { createRules } from './rules.ts';
import type { Rule } from './rules.ts';
import { createTargetOperations, putTargets } from './target-operations.ts';
import { startTimetable } from './timetable.ts';

/** A rule with its targets, as a template has it. */
export interface RuleDefinition {
  readonly name: string;
  readonly description?: string;
  readonly eventPattern?: Readonly<Record<string, unknown>>;
  /** Such as `rate(5 minutes)`. */
  readonly scheduleExpression?: string;
  /** Absent means enabled. */
  readonly state?: 'ENABLED' | 'DISABLED';
  readonly targets: readonly Target[];
}

/** EventBridge, as the rest of the region sees it. */
export interface EventBridge {
  readonly service: Service;
  /** Takes an event of one of the region's services; targets get it later. */
  deliver(event: RegionEvent): void;
  /** Adds a rule, checked as `PutRule` and `PutTargets` check it. @throws AwsError as they do */
  addRule(definition: RuleDefinition): { readonly ruleArn: string };
  /** Deliveries that were given up, oldest first. */
  deadLetters(): readonly DeadLetter[];
}

/** What EventBridge needs, and what goes wrong on purpose. */
export interface EventBridgeOptions extends Receivers {
  readonly kernel: Kernel;
  /** Loses or doubles single deliveries. Absent means that every delivery is made once. */
  readonly deliveryFaults?: (event: Envelope, target: Target) => DeliveryFault;
}

/** Starts an event bus without rules. */
export function createEventBridge(options: EventBridgeOptions): EventBridge {
  const { kernel } = options;
  const rules = createRules();
  const delivery = createDelivery({
    kernel,
    receivers: options,
    faults: options.deliveryFaults ?? (() => 'deliver'),
  });

  const sendTo = (rule: Rule, event: Envelope): void => {
    for (const target of rule.targets.values()) {
      delivery.send({ event, ruleArn: rule.arn, target });
    }
  };
  const publish = (event: Envelope): void => {
    const matching = rules
      .all()
      .filter((rule) => rule.state === 'ENABLED' && rule.eventPattern?.matches(event));
    for (const rule of matching) sendTo(rule, event);
  };
  startTimetable({
    clock: kernel.clock,
    rules,
    run: (rule) => sendTo(rule, scheduledEvent(rule, kernel)),
  });

  return {
    service: {
      name: 'eventbridge',
      operations: {
        ...createRuleOperations({ rules }),
        ...createTargetOperations({ rules }),
        PutEvents: createPutEvents({ kernel, publish }),
      },
    },
    deliver: (event) => publish(wrapEvent(event, { kernel, at: kernel.clock.now() })),
    addRule: ({ name, description, eventPattern, scheduleExpression, state, targets }) => {
      const rule = putRule(rules, {
        Name: name,
        Description: description,
        EventPattern: eventPattern && JSON.stringify(eventPattern),
        ScheduleExpression: scheduleExpression,
        State: state,
      });
      if (targets.length > 0) putTargets(rule, targets);
      return { ruleArn: rule.arn };
    },
    deadLetters: delivery.deadLetters,
  };
}

function scheduledEvent(rule: Rule, kernel: Kernel): Envelope {
  return wrapEvent(
    { source: 'aws.events', detailType: 'Scheduled Event', resources: [rule.arn], detail: {} },
    { kernel, at: kernel.clock.now() },
  );
}
