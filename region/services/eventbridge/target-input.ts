/**
 * What a target gets of an event: the event, a part of it, a fixed text, or a template filled in.
 * Not for: sending it.
 * @source https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
import type { Target } from '@aws-sdk/client-eventbridge';
import { isJson } from '../constraints.ts';
import type { Envelope } from './envelope.ts';

type Step = string | number;

const PATH = /^\$((?:\.[A-Za-z_][\w-]*|\[\d+\]|\['[^']+'\])*)$/;
const STEP = /\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['([^']+)'\]/g;
const PLACEHOLDER = /<([A-Za-z0-9_.-]+)>/g;

/** Whether a path is one that this region can follow: names and indexes, no wildcards. */
export function isPath(path: string): boolean {
  return PATH.test(path);
}

/** JSON text for a target. */
export function targetInput(target: Target, context: { event: Envelope; ruleArn: string }): string {
  const { event } = context;
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(follow(event, target.InputPath) ?? {});
  const transformer = target.InputTransformer;
  if (!transformer) return JSON.stringify(event);
  const values = new Map<string, unknown>(reservedValues(context));
  for (const [name, path] of Object.entries(transformer.InputPathsMap ?? {})) {
    values.set(name, follow(event, path));
  }
  return fillTemplate(transformer.InputTemplate ?? '', values);
}

function reservedValues(context: { event: Envelope; ruleArn: string }): [string, unknown][] {
  const { event, ruleArn } = context;
  const { detail: _, ...withoutDetail } = event;
  return [
    ['aws.events.rule-arn', ruleArn],
    ['aws.events.rule-name', ruleArn.split('/').at(-1)],
    ['aws.events.event.ingestion-time', event.time],
    ['aws.events.event', withoutDetail],
    ['aws.events.event.json', event],
  ];
}

function follow(event: unknown, path: string): unknown {
  const steps: Step[] = [...path.matchAll(STEP)].map(
    ([, name, index, quoted]) => name ?? quoted ?? Number(index),
  );
  return steps.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<Step, unknown>)[step]
        : undefined,
    event,
  );
}

/**
 * Fills a template. Inside quotes a value becomes text; elsewhere in a JSON template it becomes
 * JSON; a template that is no JSON gives a JSON string. What is not in the event is left empty.
 */
function fillTemplate(template: string, values: ReadonlyMap<string, unknown>): string {
  const isObject = template.trimStart().startsWith('{');
  let quoted = false;
  let from = 0;
  let filled = '';
  for (const match of template.matchAll(PLACEHOLDER)) {
    const before = template.slice(from, match.index);
    quoted = isInsideQuotes(before, quoted);
    const name = match[1] ?? '';
    filled += before + (values.has(name) ? show(values.get(name), { quoted, isObject }) : match[0]);
    from = match.index + match[0].length;
  }
  filled += template.slice(from);
  return isJson(filled) ? filled : JSON.stringify(filled);
}

function show(value: unknown, place: { quoted: boolean; isObject: boolean }): string {
  if (!place.quoted && place.isObject) return value === undefined ? '""' : JSON.stringify(value);
  if (value === undefined) return '';
  const plain = typeof value === 'string' ? value : JSON.stringify(value);
  return place.quoted ? JSON.stringify(plain).slice(1, -1) : plain;
}

function isInsideQuotes(text: string, before: boolean): boolean {
  const quotes = text.replaceAll(/\\./g, '').split('"').length - 1;
  return quotes % 2 === 0 ? before : !before;
}
