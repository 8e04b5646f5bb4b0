/**
 * Whether a request meets the conditions of a rule. Conditions are compiled once, when a rule
 * reaches the data plane.
 * Not for: which conditions are well-formed (see `conditions.ts`).
 */
import { BlockList, isIPv4 } from 'node:net';
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { regexesOf, valuesOf } from './conditions.ts';

/** What rules and stickiness look at in a request. */
export interface RoutableRequest {
  readonly method: string;
  /** Without the query, such as `/index.html`. */
  readonly path: string;
  /** Without the question mark; empty when there is none. */
  readonly query: string;
  /** As the client sent it, port included; empty when it sent none. */
  readonly host: string;
  readonly sourceIp: string;
  /** Every value of a header; the name is in lower case. */
  header(name: string): readonly string[];
}

/** Says whether a request meets a condition. */
export type Matches = (request: RoutableRequest) => boolean;

/** A predicate that holds when every condition holds. */
export function compileConditions(conditions: readonly RuleCondition[]): Matches {
  const each = conditions.map(compileCondition);
  return (request) => each.every((matches) => matches(request));
}

type Compile = (condition: RuleCondition) => Matches;

const COMPILERS: Readonly<Record<string, Compile>> = {
  'path-pattern': (condition) => {
    const fits = compilePatterns(condition, '');
    return (request) => fits(request.path);
  },
  'host-header': (condition) => {
    const fits = compilePatterns(condition, 'i');
    return (request) => fits(request.host.replace(/:\d+$/, ''));
  },
  'http-header': (condition) => {
    const fits = compilePatterns(condition, 'i');
    const name = condition.HttpHeaderConfig?.HttpHeaderName?.toLowerCase() ?? '';
    return (request) => request.header(name).some(fits);
  },
  'http-request-method': (condition) => {
    const methods = valuesOf(condition);
    return (request) => methods.includes(request.method);
  },
  'query-string': compileQuery,
  'source-ip': compileSource,
};

function compileCondition(condition: RuleCondition): Matches {
  const compile = COMPILERS[condition.Field ?? ''];
  if (compile) return compile(condition);
  throw new Error(`A rule reached the data plane with the condition ${condition.Field}.`);
}

function compilePatterns(condition: RuleCondition, flags: string): (text: string) => boolean {
  const expressions = [
    ...valuesOf(condition).map((value) => wildcard(value, flags)),
    ...regexesOf(condition).map((regex) => new RegExp(regex, flags)),
  ];
  return (text) => expressions.some((expression) => expression.test(text));
}

/** A pattern in which `*` stands for any characters, `?` for one, and a backslash escapes. */
function wildcard(pattern: string, flags: string): RegExp {
  const source = pattern.replaceAll(/\\[*?\\]|[*?]|[^*?]/g, (part) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    const literal = part.length === 2 ? part.slice(1) : part;
    return literal.replace(/[.+^${}()|[\]\\/*?-]/, String.raw`\$&`);
  });
  return new RegExp(`^${source}$`, `${flags}s`);
}

function compileQuery(condition: RuleCondition): Matches {
  const pairs = (condition.QueryStringConfig?.Values ?? []).map((pair) => ({
    key: pair.Key === undefined ? undefined : wildcard(pair.Key, 'i'),
    value: wildcard(pair.Value ?? '', 'i'),
  }));
  return (request) =>
    request.query.split('&').some((part) => {
      const at = part.indexOf('=');
      const key = at < 0 ? part : part.slice(0, at);
      const value = at < 0 ? '' : part.slice(at + 1);
      return pairs.some((pair) => (pair.key?.test(key) ?? true) && pair.value.test(value));
    });
}

function compileSource(condition: RuleCondition): Matches {
  const blocks = new BlockList();
  for (const value of valuesOf(condition)) {
    const [address = '', bits = ''] = value.split('/');
    blocks.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return ({ sourceIp }) => blocks.check(sourceIp, isIPv4(sourceIp) ? 'ipv4' : 'ipv6');
}
