/** A deployment in words: what replaces what, and where it is. */
import { type Deployment, isOver, type Pause } from '../answers.ts';

/** What each status says to people; one that is not here is split into its words. */
const STATUS_WORDS: Readonly<Record<string, string>> = {
  planned: 'planned',
  queued: 'waits for its turn',
  preparingGreen: 'green is made',
  awaitingGreen: 'green comes up',
  shifting: 'traffic moves',
  holding: 'holding',
  paused: 'paused',
  awaitingApproval: 'waits for approval',
  requestingApproval: 'waits for approval',
  retiringBlue: 'blue retires',
  rollingBack: 'going back to blue',
  cleaningUpGreen: 'green is removed',
  rolledBack: 'rolled back',
};

/** A status as people say it. */
export function sayStatus(status: string): string {
  return (
    STATUS_WORDS[status] ?? status.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  );
}

/** Such as `arn:aws:iam::111122223333:user/ada since 2026-01-01T10:00:00Z, until somebody resumes it`. */
export function sayPause({ by, since, until, onTimeout }: Pause): string {
  const then = onTimeout === 'rollBack' ? 'blue takes everything back then' : 'it goes on then';
  const end = until === undefined ? 'until somebody resumes it' : `until ${until}: ${then}`;
  return `${by} since ${since}, ${end}`;
}

/**
 * What there is to go back to: how ready blue was when it was read last, and of a deployment that is over
 * how blue is kept. Undefined where nothing can be taken back, or nobody knows.
 */
export function sayWayBack({
  deploymentId,
  status,
  plan,
  progress,
  possible = [],
}: Deployment): string | undefined {
  const { revertReadiness, retirementStartedAt, retainedUntil } = progress;
  if (!isOver(status)) return retirementStartedAt ? undefined : revertReadiness?.sentence;
  const { retention } = plan?.blue ?? {};
  const isKept = possible.some(({ verb }) => verb === 'rollback');
  if (!isKept || !retention || !retainedUntil) return undefined;
  const size = retention.blue === 'full' ? 'in full' : 'at zero';
  return `Blue is kept ${size} until ${retainedUntil}; teal rollback ${deploymentId}`;
}

/** Such as `web: v2 replaces v1`. */
export function describeVersions({ service, plan, request }: Deployment): string {
  const { green, blue } = versionsOf({ plan, request });
  return blue ? `${service}: ${green} replaces ${blue}` : `${service}: ${green}`;
}

/** What people call both sides; blue's is undefined where nobody knows. */
export function versionsOf({
  plan,
  request,
}: Pick<Deployment, 'request'> & {
  readonly plan?: Deployment['plan'] | undefined;
}): { readonly green: string; readonly blue: string | undefined } {
  return {
    green:
      plan?.version ??
      textOf(request['version']) ??
      textOf(request['imageId']) ??
      'an earlier version',
    blue: plan?.blue.version ?? plan?.blue.imageId,
  };
}

/** A member of a request, which is kept as it came in: undefined where it is no text. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
