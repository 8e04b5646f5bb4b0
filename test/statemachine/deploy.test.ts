/** The state machine, the functions, the template and the error classes use the same words. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import validate from 'asl-validator';
import { describe, expect, it } from 'vitest';
import * as errors from '../../shared/core/errors.ts';
import { EXECUTION_SECONDS_MAX } from '../../shared/core/plan-length.ts';
import { statesOfType } from './machine.ts';
import type { Machine } from './machine.ts';
import {
  carelessTasks,
  computingExpressions,
  decidingChoices,
  misnamedTasks,
  uncaughtTasks,
  unknownErrors,
  unreachableStates,
} from './rules.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

const definition = read('statemachines/deploy.asl.json');
const machine = JSON.parse(definition) as Machine;
const functions = readdirSync(path.join(ROOT, 'functions'))
  .filter((file) => !file.startsWith('_'))
  .map((file) => path.basename(file, '.ts'));
/** Every word that the core writes in quotes where it says what directives there are. */
const directiveTypes = ['directive', 'decide-outcome', 'progress'].flatMap((file) =>
  [...read(`shared/core/${file}.ts`).matchAll(/'(\w+)'/g)].map(([, type]) => type!),
);

describe('the state machine', () => {
  it('is valid States Language, all of it in JSONata', () => {
    expect(validate({ States: {} }).errors).not.toEqual([]);
    expect(machine.QueryLanguage).toBe('JSONata');
    expect(validate(machine).errors).toEqual([]);
  });

  it('calls in every Task the function of the same name', () => {
    expect(statesOfType(machine, 'Task').length).toBeGreaterThan(0);
    expect(misnamedTasks(machine, functions)).toEqual([]);
  });

  it('calls functions that there are, by versions that are made for each of them', () => {
    const used = [...definition.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!);
    const defined = [...read('serverless.yml').matchAll(/^ {2}(\w)(\w+):\n {4}name: /gm)].map(
      ([, first, rest]) => `${first!.toUpperCase()}${rest}Arn`,
    );
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((name) => !defined.includes(name))).toEqual([]);
    expect(read('resources/state-machine.yml')).toContain(
      'DefinitionSubstitutions: ${file(resources/versions.cjs):substitutions}',
    );
  });

  it('retries and limits every Task', () => {
    expect(carelessTasks(machine)).toEqual([]);
  });

  it('limits the whole deployment to the time by which plans are refused', () => {
    expect(machine).toHaveProperty('TimeoutSeconds', EXECUTION_SECONDS_MAX);
  });

  it('rolls back whatever fails after the first write', () => {
    expect(uncaughtTasks(machine)).toEqual([]);
  });

  it('has a way to every state', () => {
    expect(unreachableStates(machine)).toEqual([]);
  });

  it('computes nothing', () => {
    expect(computingExpressions(machine)).toEqual([]);
  });

  it('chooses by the type of a directive and by nothing else', () => {
    expect(directiveTypes).toContain('rollBack');
    expect(decidingChoices(machine, directiveTypes)).toEqual([]);
  });

  it('names only errors that something throws', () => {
    expect(unknownErrors(machine, Object.keys(errors))).toEqual([]);
  });
});
