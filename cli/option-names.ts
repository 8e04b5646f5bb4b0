/**
 * What the API says of a request's keys, in the words of the command line: people typed options.
 * Not for: definitions, whose keys stand in a file; see `teal-file.ts`.
 */
import type { Method } from './api-client.ts';

/** Options by the keys of the requests that they become; what is not here is typed as it is called. */
const OPTIONS: Readonly<Record<string, string>> = {
  service: '--service',
  imageId: '--image',
  version: '--release',
  reason: '--reason',
  strategy: '--strategy',
  bakeTimeSeconds: '--bake',
  greenHealthyDeadlineSeconds: '--green-deadline',
  consent: '--consent',
  fixForward: '--fix-forward',
  onBusy: '--on-busy',
  seconds: '--by',
  timeoutSeconds: '--timeout',
  onTimeout: '--on-timeout',
};

/** One complaint about a request, as `core/parse-strictly.ts` makes it. */
interface Issue {
  readonly path: string;
  readonly message: string;
}

/** The detail of a refusal, with options where it names keys; undefined where it has none. */
export function nameOptions(
  method: Method,
  { detail, issues }: { readonly detail?: string; readonly issues?: unknown },
): string | undefined {
  if (method !== 'POST' || detail === undefined) return detail;
  return issuesOf(issues).reduce((text, { path, message }) => {
    const [key = '', ...rest] = path.split('.');
    const option = OPTIONS[key];
    if (option === undefined) return text;
    const place = [option, ...rest].join('.');
    return text.replace(`${path}: ${message}`, () => `${place}: ${inWords(message)}`);
  }, detail);
}

/** Says whether a refusal complains of a key that the API does not take there. */
export function isUnknownOption(issues: unknown, key: string): boolean {
  return issuesOf(issues).some(({ path, message }) => path === key && isUnknown(message));
}

/** The known keys are of no use to whoever types options. */
function inWords(message: string): string {
  return isUnknown(message) ? 'the API does not take this one here' : message;
}

function isUnknown(message: string): boolean {
  return message.startsWith('no such key');
}

function issuesOf(issues: unknown): readonly Issue[] {
  if (!Array.isArray(issues)) return [];
  return (issues as readonly (Partial<Issue> | null)[]).flatMap((one) =>
    typeof one?.path === 'string' && typeof one.message === 'string'
      ? [{ path: one.path, message: one.message }]
      : [],
  );
}
