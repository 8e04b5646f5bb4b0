/** Every rule on the state machine is shown a machine that breaks it. */
import { describe, expect, it } from 'vitest';
import type { Machine, State } from './machine.ts';
import {
  carelessTasks,
  computingExpressions,
  decidingChoices,
  misnamedTasks,
  toFileName,
  uncaughtTasks,
  unknownErrors,
  unreachableStates,
} from './rules.ts';

const task = (name: string, rest: Partial<State>): State => ({
  Type: 'Task',
  Arguments: { FunctionName: `\${${name}Arn}` },
  TimeoutSeconds: 60,
  Retry: [{ ErrorEquals: ['Lambda.ServiceException'] }],
  ...rest,
});

const toRollback = [{ ErrorEquals: ['States.ALL'], Next: 'NoteFailure' }];
const toOutcome = [{ ErrorEquals: ['States.ALL'], Next: 'RecordOutcome' }];

const good: Machine = {
  QueryLanguage: 'JSONata',
  StartAt: 'PlanDeployment',
  States: {
    PlanDeployment: task('PlanDeployment', { Next: 'PrepareGreen' }),
    PrepareGreen: task('PrepareGreen', { Next: 'IsGreen', Catch: toRollback }),
    IsGreen: {
      Type: 'Choice',
      Choices: [{ Condition: "{% $directive.type = 'rollBack' %}", Next: 'RollBack' }],
      Default: 'RecordOutcome',
    },
    NoteFailure: { Type: 'Pass', Next: 'RollBack' },
    RollBack: task('RollBack', { Next: 'RecordOutcome', Catch: toOutcome }),
    RecordOutcome: task('RecordOutcome', { End: true }),
  },
};

/** The good machine with one state replaced or added. */
const having = (name: string, state: State): Machine => ({
  ...good,
  States: { ...good.States, [name]: state },
});

const functions = ['plan-deployment', 'prepare-green', 'roll-back', 'record-outcome'];
const choice = (Condition: string): State => ({
  Type: 'Choice',
  Choices: [{ Condition, Next: 'RollBack' }],
  Default: 'RecordOutcome',
});

describe('the rules of the state machine', () => {
  it('have nothing to say about a good machine', () => {
    expect(misnamedTasks(good, functions)).toEqual([]);
    expect(carelessTasks(good)).toEqual([]);
    expect(uncaughtTasks(good)).toEqual([]);
    expect(unreachableStates(good)).toEqual([]);
    expect(computingExpressions(good)).toEqual([]);
    expect(decidingChoices(good, ['rollBack'])).toEqual([]);
    expect(unknownErrors(good, [])).toEqual([]);
  });

  it('spell a state and its file alike', () => {
    expect(toFileName('DecideNextStep')).toBe('decide-next-step');
    expect(toFileName('Hold')).toBe('hold');
  });

  it('see a Task without a function of its own', () => {
    expect(misnamedTasks(good, functions.slice(1))).toHaveLength(1);
    const other = having('RollBack', task('PrepareGreen', {}));
    expect(misnamedTasks(other, functions)).toHaveLength(1);
  });

  it('see a Task without Retry and one without a time limit', () => {
    expect(carelessTasks(having('RollBack', task('RollBack', { Retry: [] })))).toHaveLength(1);
    const { TimeoutSeconds: _, ...endless } = task('RollBack', {});
    expect(carelessTasks(having('RollBack', endless))).toHaveLength(1);
  });

  it('see a failure after the first write that is not caught', () => {
    const bare = having('PrepareGreen', task('PrepareGreen', { Next: 'IsGreen' }));
    expect(uncaughtTasks(bare)).toEqual(['PrepareGreen does not catch States.ALL']);
    const stubborn = having('RollBack', task('RollBack', { Next: 'RecordOutcome' }));
    expect(uncaughtTasks(stubborn)).toEqual(['RollBack does not catch States.ALL']);
  });

  it('see a failure after the first write that leads past the rollback', () => {
    const careless = having(
      'PrepareGreen',
      task('PrepareGreen', { Next: 'IsGreen', Catch: toOutcome }),
    );
    expect(uncaughtTasks(careless)).toHaveLength(1);
    const lost = having('NoteFailure', { Type: 'Succeed' });
    expect(uncaughtTasks(lost)).toHaveLength(1);
  });

  it('see a success that is undone because its clean-up failed', () => {
    const retiring = having('RetireBlue', task('RetireBlue', { Catch: toRollback, End: true }));
    expect(uncaughtTasks(retiring)).toHaveLength(1);
    const calm = having('RetireBlue', task('RetireBlue', { Catch: toOutcome, End: true }));
    expect(uncaughtTasks(calm)).toEqual([]);
  });

  it('see a state that nothing leads to', () => {
    expect(unreachableStates(having('Attic', { Type: 'Succeed' }))).toHaveLength(1);
  });

  it.each(['{% $n + 1 %}', '{% $sum([1, $n * 2]) %}', '{% { "a": 60 - $n } %}', '{% -$n %}'])(
    'see arithmetic in %s',
    (Condition) => {
      expect(computingExpressions(having('IsGreen', choice(Condition)))).toHaveLength(1);
    },
  );

  it.each([
    '{% $weight >= 50 %}',
    "{% $directive.reason = 'rollBack' %}",
    "{% $directive.type = 'rollBack' and $weight = 3 %}",
    "{% $not($directive.type = 'rollBack') %}",
    "{% $directive.type = 'explode' %}",
    'plain text',
  ])('see a Choice that decides by itself: %s', (Condition) => {
    expect(decidingChoices(having('IsGreen', choice(Condition)), ['rollBack'])).toHaveLength(1);
  });

  it('let a Choice take two directives the same way', () => {
    const both = "{% $states.input.directive.type = 'rollBack' or $directive.type = 'wait' %}";
    expect(decidingChoices(having('IsGreen', choice(both)), ['rollBack', 'wait'])).toEqual([]);
  });

  it('see an error name that nothing throws', () => {
    const odd = task('RollBack', { Retry: [{ ErrorEquals: ['AwsUnavailble'] }] });
    expect(unknownErrors(having('RollBack', odd), ['AwsUnavailable'])).toHaveLength(1);
  });
});
