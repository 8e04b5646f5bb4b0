import { describe, expect, it } from 'vitest';
import { PatternError } from '../../region/services/eventbridge/pattern-conditions.ts';
import { readPattern } from '../../region/services/eventbridge/patterns.ts';

const EVENT = {
  source: 'aws.cloudwatch',
  'detail-type': 'CloudWatch Alarm State Change',
  resources: ['arn:aws:cloudwatch:us-east-1:0:alarm:green', 'arn:other'],
  detail: {
    alarmName: 'teal-green-5xx',
    count: 300,
    address: '10.0.0.7',
    path: 'a/b*c.png',
    empty: '',
    nothing: null,
    flag: true,
    state: { value: 'ALARM' },
    list: [{ id: 1 }, { id: 2 }],
  },
};

const matches = (pattern: object): boolean => readPattern(JSON.stringify(pattern))(EVENT);
const detail = (condition: object): boolean => matches({ detail: condition });

describe('an event matches', () => {
  it.each<[string, object]>([
    ['an exact value', { source: ['aws.ec2', 'aws.cloudwatch'] }],
    ['any item of a list', { resources: [{ prefix: 'arn:aws:cloudwatch:' }] }],
    ['a nested value', { detail: { state: { value: ['ALARM'] } } }],
    ['a value in a list of objects', { detail: { list: { id: [2] } } }],
    ['a number however it is written', { detail: { count: [3e2] } }],
    ['null, true and the empty text', { detail: { nothing: [null], flag: [true], empty: [''] } }],
    ['a prefix', { detail: { alarmName: [{ prefix: 'teal-' }] } }],
    [
      'a prefix in other case',
      { detail: { alarmName: [{ prefix: { 'equals-ignore-case': 'TEAL' } }] } },
    ],
    ['a suffix', { detail: { alarmName: [{ suffix: '5xx' }] } }],
    [
      'a text in other case',
      { detail: { alarmName: [{ 'equals-ignore-case': 'TEAL-green-5XX' }] } },
    ],
    ['anything but a value', { detail: { alarmName: [{ 'anything-but': ['a', 'b'] }] } }],
    [
      'anything but prefixes',
      { detail: { alarmName: [{ 'anything-but': { prefix: ['x', 'y'] } }] } },
    ],
    ['anything but a number', { detail: { count: [{ 'anything-but': [1, 2] }] } }],
    ['a wildcard', { detail: { alarmName: [{ wildcard: 'teal-*-5xx' }] } }],
    ['an escaped wildcard', { detail: { path: [{ wildcard: 'a/b\\*c.*' }] } }],
    ['a range of numbers', { detail: { count: [{ numeric: ['>', 0, '<=', 300] }] } }],
    ['one of several conditions', { detail: { count: [1, { numeric: ['=', 300] }] } }],
    ['a field that exists', { detail: { alarmName: [{ exists: true }] } }],
    ['a field that does not', { detail: { missing: [{ exists: false }] } }],
    ['a nested field that does not', { detail: { gone: { deeper: [{ exists: false }] } } }],
    ['an address range', { detail: { address: [{ cidr: '10.0.0.0/24' }] } }],
    ['either of two', { detail: { $or: [{ count: [1] }, { state: { value: ['ALARM'] } }] } }],
  ])('%s', (_, pattern) => {
    expect(matches(pattern)).toBe(true);
  });
});

describe('an event does not match', () => {
  it.each<[string, object]>([
    ['another value', { alarmName: ['teal'] }],
    ['a number in quotes', { count: ['300'] }],
    ['a field it lacks', { missing: [{ 'anything-but': 'x' }] }],
    ['anything but its prefix', { alarmName: [{ 'anything-but': { prefix: ['x', 'teal'] } }] }],
    ['a range that ends below', { count: [{ numeric: ['>', 0, '<', 300] }] }],
    ['exists on an object, for it is no leaf', { state: [{ exists: true }] }],
    ['a wildcard that stops short', { alarmName: [{ wildcard: 'teal-*-4xx' }] }],
    ['neither of two', { $or: [{ count: [1] }, { count: [2] }] }],
    ['all fields but one', { count: [300], alarmName: ['x'] }],
  ])('%s', (_, condition) => {
    expect(detail(condition)).toBe(false);
  });
});

describe('a pattern is refused', () => {
  it.each([
    ['that is no JSON', '{', 'not valid JSON'],
    ['that is a list', '[]', 'not an object'],
    ['that is empty', '{}', 'Empty event pattern'],
    ['with a bare value', '{"source":"aws.ec2"}', '"source" must be an object or an array'],
    ['with an empty list', '{"source":[]}', 'Empty arrays are not allowed'],
    ['with a list in a list', '{"source":[["a"]]}', 'nested array'],
    ['with an unknown operator', '{"source":[{"like":"a"}]}', 'Unrecognized match type like'],
    ['with two operators in one', '{"source":[{"prefix":"a","suffix":"b"}]}', 'Only one key'],
    ['with exists that is no boolean', '{"source":[{"exists":1}]}', 'true or false'],
    ['with a mixed anything-but', '{"source":[{"anything-but":["a",1]}]}', 'number or string'],
    ['with two stars in a row', '{"source":[{"wildcard":"a**"}]}', 'Consecutive wildcard'],
    ['with an empty range', '{"n":[{"numeric":[">",5,"<",1]}]}', 'Bottom must be less than top'],
    ['with a huge number', '{"n":[{"numeric":["<",1e12]}]}', 'must be numeric'],
    ['with a broken address range', '{"n":[{"cidr":"10.0.0.0"}]}', 'Malformed CIDR'],
  ])('%s', (_, text, message) => {
    expect(() => readPattern(text)).toThrow(PatternError);
    expect(() => readPattern(text)).toThrow(message);
  });
});
