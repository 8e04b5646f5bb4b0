/**
 * Template targets that write down what they were asked for, in order.
 * Not for: deciding what is right; that is what the services do.
 */
import { createHex, createRandom } from '../../../region/kernel/chance.ts';
import { loadTemplate } from '../../../region/template/load-template.ts';
import type { TemplateTargets } from '../../../region/template/targets.ts';

const LAMBDA = 'arn:aws:lambda:us-east-1:000000000000:function:';

const nothing = (): void => undefined;

/** Targets, and the calls they got as `[name, input]`. */
export function createRecorder() {
  const calls: (readonly [string, unknown])[] = [];
  const record =
    <Input, Output>(name: string, answer: (input: Input) => Output) =>
    (input: Input): Output => {
      calls.push([name, input]);
      return answer(input);
    };
  const targets: TemplateTargets = {
    addRole: record('addRole', nothing),
    addLogGroup: record('addLogGroup', nothing),
    addFunction: record('addFunction', ({ name }) => ({ arn: LAMBDA + name })),
    updateFunction: record('updateFunction', ({ name }) => ({ arn: LAMBDA + name })),
    publishVersion: record('publishVersion', ({ functionName }) => ({
      arn: `${LAMBDA}${functionName}:1`,
    })),
    addPermission: record('addPermission', nothing),
    setEventRetries: (functionName, retries) => {
      calls.push(['setEventRetries', { functionName, ...retries }]);
    },
    addRule: record('addRule', ({ name }) => ({
      ruleArn: `arn:aws:events:us-east-1:000000000000:rule/${name}`,
    })),
    createTable: record('createTable', nothing),
    createStateMachine: record('createStateMachine', ({ name }) => ({
      stateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`,
    })),
    updateStateMachine: record('updateStateMachine', ({ name }) => ({
      stateMachineArn: `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`,
    })),
    createTopic: record('createTopic', ({ name }) => ({
      topicArn: `arn:aws:sns:us-east-1:000000000000:${name}`,
    })),
    createQueue: record('createQueue', ({ name }) => ({
      queueUrl: `https://sqs.us-east-1.amazonaws.com/000000000000/${name}`,
      queueArn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
    })),
    setQueuePolicy: (queueUrl, policy) => {
      calls.push(['setQueuePolicy', { queueUrl, policy }]);
    },
    putAlarm: record('putAlarm', nothing),
    addApi: record('addApi', () => ({ apiId: 'api1', endpoint: 'http://127.0.0.1:1' })),
    addStage: record('addStage', nothing),
    addIntegration: record('addIntegration', () => ({ integrationId: 'integration1' })),
    addRoute: record('addRoute', () => ({ routeId: 'route1' })),
  };
  /** What the targets of one name were given. */
  const given = (name: string): unknown[] =>
    calls.filter(([called]) => called === name).map(([, input]) => input);
  return { targets, calls, given };
}

/** Loads a template with the archive `a.zip` into a recorder. */
export async function load(
  template: unknown,
  options: { parameters?: Readonly<Record<string, string>> } = {},
) {
  const recorder = createRecorder();
  const stack = await loadTemplate({
    template,
    targets: recorder.targets,
    hex: createHex(createRandom(1)),
    artifacts: (key) => (key.endsWith('/a.zip') ? Buffer.from('zip') : undefined),
    ...options,
  });
  return { ...recorder, ...stack };
}
