/**
 * The rules of composite alarms: ALARM(), OK(), INSUFFICIENT_DATA(), AND, OR, NOT, TRUE, FALSE and
 * parentheses. Alarms are named by name or ARN, with or without double quotes.
 * Not for: AT_LEAST, which is refused.
 * @source https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 */
import type { StateValue } from './alarms.ts';

/** A rule that has been read, as a tree. */
export type Rule =
  | { readonly type: 'constant'; readonly value: boolean }
  | { readonly type: 'state'; readonly state: StateValue; readonly alarm: string }
  | { readonly type: 'not'; readonly operand: Rule }
  | { readonly type: 'and' | 'or'; readonly left: Rule; readonly right: Rule };

/** A rule that cannot be read; the message says where reading stopped. */
export class RuleSyntaxError extends Error {
  override readonly name = 'RuleSyntaxError';
}

/** Alarms, constants and parentheses in one rule, and alarms among them. */
const ELEMENT_LIMIT = 500;
const CHILD_LIMIT = 100;

type Token =
  | { readonly type: 'word'; readonly text: string }
  | { readonly type: 'state'; readonly state: StateValue; readonly alarm: string };

const STATE_CALL = /(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|([^"()]*[^"()\s]))\s*\)/y;
const WORD = /(?:AND|OR|NOT|TRUE|FALSE)(?![A-Z_a-z0-9(])|NOT(?=\()|(?:AND|OR)(?=\()|[()]/y;

/** @throws RuleSyntaxError */
export function parseRule(text: string): Rule {
  const tokens = tokenize(text);
  let index = 0;
  const peek = (): string | undefined => {
    const token = tokens[index];
    return token?.type === 'word' ? token.text : undefined;
  };

  const readAny = (): Rule => {
    let left = readAll();
    while (peek() === 'OR') {
      index += 1;
      left = { type: 'or', left, right: readAll() };
    }
    return left;
  };
  const readAll = (): Rule => {
    let left = readOne();
    while (peek() === 'AND') {
      index += 1;
      left = { type: 'and', left, right: readOne() };
    }
    return left;
  };
  const readOne = (): Rule => {
    const token = tokens[index];
    index += 1;
    if (!token) throw new RuleSyntaxError('the rule ends too early');
    if (token.type === 'state') return token;
    if (token.text === 'NOT') return { type: 'not', operand: readOne() };
    if (token.text === 'TRUE' || token.text === 'FALSE') {
      return { type: 'constant', value: token.text === 'TRUE' };
    }
    if (token.text !== '(') throw new RuleSyntaxError(`unexpected '${token.text}'`);
    const inner = readAny();
    if (peek() !== ')') throw new RuleSyntaxError("a ')' is missing");
    index += 1;
    return inner;
  };

  const rule = readAny();
  if (index < tokens.length) throw new RuleSyntaxError('an operator is missing');
  return rule;
}

/** The names or ARNs of the alarms in a rule, each once. */
export function alarmsOf(rule: Rule): readonly string[] {
  switch (rule.type) {
    case 'constant':
      return [];
    case 'state':
      return [rule.alarm];
    case 'not':
      return alarmsOf(rule.operand);
    case 'and':
    case 'or':
      return [...new Set([...alarmsOf(rule.left), ...alarmsOf(rule.right)])];
  }
}

/** Whether a rule holds. An alarm that is not there is in no state. */
export function holds(rule: Rule, stateOf: (alarm: string) => StateValue | undefined): boolean {
  switch (rule.type) {
    case 'constant':
      return rule.value;
    case 'state':
      return stateOf(rule.alarm) === rule.state;
    case 'not':
      return !holds(rule.operand, stateOf);
    case 'and':
      return holds(rule.left, stateOf) && holds(rule.right, stateOf);
    case 'or':
      return holds(rule.left, stateOf) || holds(rule.right, stateOf);
  }
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (true) {
    at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0;
    if (at >= text.length) break;
    const [token, end] = readToken(text, at);
    tokens.push(token);
    at = end;
  }
  const children = new Set(
    tokens.flatMap((token) => (token.type === 'state' ? [token.alarm] : [])),
  );
  if (tokens.length > ELEMENT_LIMIT || children.size > CHILD_LIMIT) {
    throw new RuleSyntaxError(
      `a rule has at most ${ELEMENT_LIMIT} elements and ${CHILD_LIMIT} alarms`,
    );
  }
  return tokens;
}

function readToken(text: string, at: number): readonly [Token, number] {
  STATE_CALL.lastIndex = at;
  const call = STATE_CALL.exec(text);
  if (call) {
    const alarm = call[2] ?? call[3] ?? '';
    return [{ type: 'state', state: call[1] as StateValue, alarm }, STATE_CALL.lastIndex];
  }
  WORD.lastIndex = at;
  const word = WORD.exec(text);
  if (!word) throw new RuleSyntaxError(`unexpected '${text.slice(at, at + 20)}'`);
  return [{ type: 'word', text: word[0] }, WORD.lastIndex];
}
