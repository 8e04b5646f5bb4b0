/**
 * What an answer of Teal's API must have before the command line reads it: any server can answer 200
 * with JSON, and whoever gave its address is to hear of that.
 * Not for: members that an older API may leave out; see `answers.ts`.
 */
import type { Method } from './api-client.ts';

/** A text, an object, or a list of objects with texts by these names. */
type Shape = 'text' | 'object' | readonly string[];

type Shapes = Readonly<Record<string, Shape>>;

const SUMMARY = ['deploymentId', 'service', 'version', 'status', 'reason', 'startedAt'];

/** By request; the first that matches counts. */
const ANSWERS: readonly (readonly [asked: RegExp, shapes: Shapes])[] = [
  [/^GET \/deployments$/, { deployments: SUMMARY }],
  [/^GET \/deployments\/[^/]+\/timeline$/, { entries: ['at', 'state', 'reason'] }],
  [/^GET \/deployments\/[^/]+\/observation$/, { status: 'text', at: 'text', steps: [] }],
  [
    /^GET \/deployments\/[^/]+$/,
    { service: 'text', status: 'text', startedAt: 'text', request: 'object', progress: 'object' },
  ],
  [/^POST \/deployments(?:\/|$)/, { deploymentId: 'text' }],
  [/^GET \/leftovers$/, { leftovers: ['service', 'deploymentId', 'kind', 'expiresAt', 'undo'] }],
  [/^GET \/services$/, { services: ['service', 'autoScalingGroupName'] }],
  [
    /^POST \/services\/[^/]+\/plan$/,
    { service: 'text', steps: [], creates: 'object', warnings: 'object', overlap: 'object' },
  ],
  [/^\w+ \/services\/[^/]+$/, { service: 'text' }],
  [/^GET \/groups\/[^/]+\/definition$/, { definition: 'object', notes: 'object' }],
];

/** Says whether an answer can be one of Teal's API. What nobody expects anything of can be anything. */
export function isAnswer(method: Method, path: string, answer: unknown): boolean {
  const asked = `${method} ${path.split('?')[0]}`;
  const shapes = ANSWERS.find(([pattern]) => pattern.test(asked))?.[1] ?? {};
  return Object.entries(shapes).every(([name, shape]) => fits(memberOf(answer, name), shape));
}

function fits(value: unknown, shape: Shape): boolean {
  if (shape === 'text') return typeof value === 'string';
  if (shape === 'object') return typeof value === 'object' && value !== null;
  return (
    Array.isArray(value) &&
    value.every(
      (item) => fits(item, 'object') && shape.every((name) => fits(memberOf(item, name), 'text')),
    )
  );
}

function memberOf(value: unknown, name: string): unknown {
  return (value as Readonly<Record<string, unknown>> | null)?.[name];
}
