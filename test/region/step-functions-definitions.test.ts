import { describe, expect, it } from 'vitest';
import { loadDefinition } from '../../region/services/step-functions/load-definition.ts';
import { createBench, machine, ROLE, task } from './step-functions/bench.ts';

const end = { Type: 'Succeed' };
const pass = (fields: object): object => ({ Type: 'Pass', End: true, ...fields });
const one = (state: object): object => machine({ A: state });
const retry = (...Retry: object[]): object => one(task('f', { End: true, Retry }));

const REFUSED: readonly (readonly [string, object, RegExp])[] = [
  [
    'JSONPath by default',
    { StartAt: 'A', States: { A: end } },
    /'QueryLanguage' must be 'JSONata'/,
  ],
  [
    'a state in JSONPath',
    one(pass({ QueryLanguage: 'JSONPath' })),
    /can not be 'JSONPath'.*States\/A/,
  ],
  [
    'no states',
    { QueryLanguage: 'JSONata', StartAt: 'A' },
    /fields are required: \[States\] at \//,
  ],
  ['a field nobody knows', one(pass({ Colour: 1 })), /'Colour' is not supported at \/States\/A/],
  ['a field named like a method', one(pass({ toString: 1 })), /'toString' is not supported/],
  ['a JSONPath field', one(pass({ ResultPath: '$' })), /'ResultPath' belongs to JSONPath/],
  ['the Result of a Pass', one(pass({ Result: 1 })), /'Result' belongs to JSONPath/],
  ['a Parallel', one({ Type: 'Parallel', End: true }), /'Parallel' at \/States\/A\/Type/],
  ['a Map', one({ Type: 'Map', End: true }), /type 'Map'/],
  [
    'another resource',
    one(task('f', { End: true, Resource: 'arn:aws:states:::sns:publish' })),
    /runs only/,
  ],
  [
    'a function as the resource',
    one(task('f', { End: true, Resource: 'arn:aws:lambda:x' })),
    /Resource/,
  ],
  ['no FunctionName', one(task('f', { End: true, Arguments: {} })), /required: \[FunctionName\]/],
  [
    'an asynchronous invocation',
    one(task('f', { End: true, Arguments: { FunctionName: 'f', InvocationType: 'Event' } })),
    /'InvocationType' is not supported at \/States\/A\/Arguments/,
  ],
  ['neither Next nor End', one({ Type: 'Pass' }), /\[Next, End\] at \/States\/A/],
  ['both Next and End', one(pass({ Next: 'A' })), /\[Next, End\]/],
  [
    'an unknown Next',
    one({ Type: 'Pass', Next: 'B' }),
    /Missing 'Next' target: B at \/States\/A\/Next/,
  ],
  ['an unknown start', machine({ A: end }, { StartAt: 'B' }), /'StartAt' target: B/],
  [
    'an unknown Default',
    one({ Type: 'Choice', Choices: [{ Condition: true, Next: 'A' }], Default: 'B' }),
    /'Default' target: B/,
  ],
  ['an unreachable state', machine({ A: end, B: end }), /State "B" is not reachable/],
  [
    'no way to end',
    machine({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } }),
    /No terminal state/,
  ],
  ['a long name', machine({ ['x'.repeat(81)]: end }), /1 to 80 characters/],
  ['States.ALL in company', retry({ ErrorEquals: ['States.ALL', 'x'] }), /must appear alone/],
  [
    'States.ALL not last',
    retry({ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['x'] }),
    /last entry of Retry/,
  ],
  ['no errors', retry({ ErrorEquals: [] }), /non-empty list of strings/],
  ['a backoff below 1', retry({ ErrorEquals: ['x'], BackoffRate: 0.5 }), /BackoffRate/],
  [
    'a delay bound at the interval',
    retry({ ErrorEquals: ['x'], IntervalSeconds: 5, MaxDelaySeconds: 5 }),
    /MaxDelaySeconds \(5\) must be greater/,
  ],
  [
    'a delay bound at the default interval',
    retry({ ErrorEquals: ['x'], MaxDelaySeconds: 1 }),
    /must be greater/,
  ],
  [
    'a heartbeat at the timeout',
    one(task('f', { End: true, TimeoutSeconds: 9, HeartbeatSeconds: 9 })),
    /HeartbeatSeconds \(9\) must be smaller/,
  ],
  ['a timeout of 0', one(task('f', { End: true, TimeoutSeconds: 0 })), /TimeoutSeconds/],
  ['a wait without an end', one({ Type: 'Wait', End: true }), /\[Seconds, Timestamp\]/],
  [
    'a wait until no time',
    one({ Type: 'Wait', End: true, Timestamp: '2016-03-14 01:59:00Z' }),
    /RFC3339 timestamp/,
  ],
  [
    'a condition that is a word',
    one({ Type: 'Choice', Choices: [{ Condition: 'yes', Next: 'A' }] }),
    /boolean or a JSONata/,
  ],
  ['bad JSONata', one(pass({ Output: '{% 1 + %}' })), /cannot be parsed.*\/States\/A\/Output/],
  ['JSONata that 2.0.6 does not have', one(pass({ Output: '{% $x ?? 3 %}' })), /cannot be parsed/],
  ['$ at the top', one(pass({ Output: '{% $.a %}' })), /no input document/],
  [
    '$ in a function without a path',
    one(pass({ Output: '{% $map([1], function($v) { $ + $v }) %}' })),
    /no input/,
  ],
  ['$$ anywhere', one(pass({ Output: '{% $states.input.a[b = $$.c] %}' })), /no input document/],
  ['a bare name', one(pass({ Output: '{% states.input %}' })), /unqualified name/],
  ['$eval', one(pass({ Output: "{% $eval('1') %}" })), /'\$eval', which is not available/],
  [
    '$states.result before there is one',
    one(task('f', { End: true, Arguments: { FunctionName: '{% $states.result %}' } })),
    /'\$states.result'/,
  ],
  ['$states.result of a Pass', one(pass({ Output: '{% $states.result %}' })), /cannot access/],
  [
    '$states.errorOutput outside a Catch',
    one(task('f', { End: true, Output: '{% $states.errorOutput %}' })),
    /errorOutput/,
  ],
  ['assigning $states', one(pass({ Assign: { states: 1 } })), /'states' cannot be the name/],
  ['a variable with a hyphen', one(pass({ Assign: { 'a-b': 1 } })), /'a-b' cannot be the name/],
];

describe('a state machine definition', () => {
  it.each(REFUSED)('is refused with %s', (_, definition, message) => {
    expect(() => loadDefinition(JSON.stringify(definition))).toThrowError(
      expect.objectContaining({
        code: 'InvalidDefinition',
        message: expect.stringMatching(message) as string,
      }),
    );
  });

  it('is refused when it is no JSON, no object, or too long', () => {
    expect(() => loadDefinition('nonsense')).toThrow(/INVALID_JSON_DESCRIPTION/);
    expect(() => loadDefinition('[]')).toThrow(/must be a valid JSON object/);
    const long = JSON.stringify(one(pass({ Comment: 'x'.repeat(1_048_576) })));
    expect(() => loadDefinition(long)).toThrow(/more than 1048576/);
  });

  it('may use $ inside a path, a predicate and a mapping over a path', () => {
    const outputs = [
      '{% $states.input.items[$ > 1] %}',
      '{% $states.input.items.($ * 2) %}',
      '{% $states.input.items{name: $} %}',
      '{% ($x := 1; $map($states.input.items, function($v, $i) { $v + $x + $i })) %}',
      '{% $states.input.items@$item.name %}',
    ];
    for (const Output of outputs) {
      expect(() => loadDefinition(JSON.stringify(one(pass({ Output }))))).not.toThrow();
    }
  });

  it('is validated without creating anything', async () => {
    const bench = createBench();
    const check = (definition: string) =>
      bench.call('ValidateStateMachineDefinition', { definition });
    expect(await check(JSON.stringify(one(end)))).toEqual({
      result: 'OK',
      diagnostics: [],
      truncated: false,
    });
    expect(await check('{}')).toMatchObject({
      result: 'FAIL',
      diagnostics: [
        {
          severity: 'ERROR',
          code: 'SCHEMA_VALIDATION_FAILED',
          location: '/',
          message: 'These fields are required: [States, StartAt]',
        },
        {},
      ],
    });
  });
});

describe('a state machine', () => {
  it('is created once, however often the same is asked for', async () => {
    const bench = createBench();
    const request = { name: 'deploy', roleArn: ROLE, definition: JSON.stringify(one(end)) };
    const first = await bench.call('CreateStateMachine', request);
    expect(await bench.call('CreateStateMachine', request)).toEqual(first);
    const other = { ...request, definition: JSON.stringify(one(pass({}))) };
    await expect(bench.call('CreateStateMachine', other)).rejects.toMatchObject({
      code: 'StateMachineAlreadyExists',
    });
  });

  it('is refused under a bad name, for Express, or with a role it cannot assume', async () => {
    const bench = createBench();
    const request = { name: 'deploy', roleArn: ROLE, definition: JSON.stringify(one(end)) };
    const create = (change: object) => bench.call('CreateStateMachine', { ...request, ...change });
    await expect(create({ name: 'a b' })).rejects.toMatchObject({ code: 'InvalidName' });
    await expect(create({ type: 'EXPRESS' })).rejects.toMatchObject({
      code: 'StateMachineTypeNotSupported',
    });
    await expect(create({ roleArn: 'arn:aws:iam::000000000000:role/x' })).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
    await expect(create({ definition: undefined })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });

  it('changes for new executions only', async () => {
    const bench = createBench();
    const wait = { Type: 'Wait', Seconds: 60, Next: 'B' };
    const stateMachineArn = bench.define({ A: wait, B: pass({ Output: 'old' }) });
    const old = await bench.start(stateMachineArn, {}, 'old');
    const definition = JSON.stringify(machine({ A: pass({ Output: 'new' }) }));
    await bench.call('UpdateStateMachine', { stateMachineArn, definition });
    const young = await bench.start(stateMachineArn, {}, 'young');
    expect((await bench.ended(old)).output).toBe('"old"');
    expect((await bench.ended(young)).output).toBe('"new"');
    const forOld = await bench.call('DescribeStateMachineForExecution', { executionArn: old });
    expect(forOld).not.toHaveProperty('revisionId');
    expect(await bench.call('DescribeStateMachine', { stateMachineArn })).toMatchObject({
      definition,
      status: 'ACTIVE',
      type: 'STANDARD',
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
    });
    await expect(bench.call('UpdateStateMachine', { stateMachineArn })).rejects.toMatchObject({
      code: 'MissingRequiredParameter',
    });
  });

  it('is deleted when its last execution is over', async () => {
    const bench = createBench();
    const stateMachineArn = bench.define({ A: { Type: 'Wait', Seconds: 60, End: true } });
    const executionArn = await bench.start(stateMachineArn);
    await bench.call('DeleteStateMachine', { stateMachineArn });
    expect(await bench.call('DescribeStateMachine', { stateMachineArn })).toMatchObject({
      status: 'DELETING',
    });
    await expect(bench.start(stateMachineArn, {}, 'second')).rejects.toMatchObject({
      code: 'StateMachineDeleting',
    });
    await bench.ended(executionArn);
    await expect(bench.call('DescribeStateMachine', { stateMachineArn })).rejects.toMatchObject({
      code: 'StateMachineDoesNotExist',
    });
    expect(await bench.call('DeleteStateMachine', { stateMachineArn })).toEqual({});
  });

  it('tells which variables its states read', async () => {
    const bench = createBench();
    const stateMachineArn = bench.define({
      A: { Type: 'Pass', Assign: { size: 1 }, Next: 'B' },
      B: pass({ Output: '{% $sum([$size, $nobody, 1]) %}' }),
    });
    expect(await bench.call('DescribeStateMachine', { stateMachineArn })).toMatchObject({
      variableReferences: { B: ['nobody', 'size'] },
    });
  });
});
