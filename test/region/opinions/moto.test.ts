/**
 * A second opinion: the same calls to the region and to moto, and a judgement on every difference.
 * Needs a server that this repository does not bring along, so it runs on request alone:
 *
 *     moto_server -p 5555 & TEAL_MOTO=http://127.0.0.1:5555 npx vitest run test/region/opinions
 *
 * Not for: time. Moto has none, so nothing here waits for anything to happen.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createVirtualClock } from '../../../region/kernel/virtual-clock.ts';
import { createRegion } from '../../../region/region.ts';
import type { Region } from '../../../region/region.ts';
import { JUDGEMENTS } from './judgements.ts';
import { SCRIPT } from './script.ts';
import type { Facts, Output } from './script.ts';

const MOTO = process.env['TEAL_MOTO'];

type Send = (service: string, operation: string, input: object) => Promise<Output>;

/** Stock clients of one endpoint, made when they are needed. */
function sender(config: object): Send {
  const clients = new Map<string, { send(command: unknown): Promise<Output> }>();
  return async (service, operation, input) => {
    const module = (await import(`@aws-sdk/client-${service}`)) as Record<string, unknown>;
    const name = Object.keys(module).find((key) => /^(?!_).+Client$/.test(key)) ?? '';
    const Client = module[name] as new (config: object) => { send(c: unknown): Promise<Output> };
    const client = clients.get(service) ?? new Client(config);
    clients.set(service, client);
    const Command = module[`${operation}Command`] as new (input: object) => unknown;
    return client.send(new Command(input));
  };
}

/** The outcome of a call: the error's code, or the names in the answer, at every depth. */
interface Outcome {
  readonly code: string;
  readonly message?: string;
  readonly shape: ReadonlySet<string>;
}

function namesIn(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => namesIn(item, `${path}[]`));
  if (typeof value !== 'object' || value === null || value instanceof Date) return [];
  return Object.entries(value)
    .filter(([key, item]) => key !== '$metadata' && item !== undefined)
    .flatMap(([key, item]) => [`${path}.${key}`, ...namesIn(item, `${path}.${key}`)]);
}

async function outcomes(send: Send, images: () => Promise<string>): Promise<Map<string, Outcome>> {
  const facts: Facts = { imageId: await images() };
  const found = new Map<string, Outcome>();
  for (const step of SCRIPT) {
    const [service, operation] = step.call.split(' ') as [string, string];
    // oxlint-disable-next-line no-await-in-loop -- each call builds on those before it
    const outcome = await send(service, operation, step.input(facts)).then(
      (output): Outcome => {
        step.learn?.(facts, output);
        return { code: 'ok', shape: new Set(namesIn(output)) };
      },
      (error: Error & { Code?: string; Error?: { Code?: string } }): Outcome => ({
        code: error.Error?.Code ?? error.Code ?? error.name,
        message: error.message,
        shape: new Set(),
      }),
    );
    found.set(step.title, outcome);
  }
  return found;
}

/** What is different and was not judged; a judgement on a code must name the code. */
function differences(title: string, our?: Outcome, their?: Outcome): readonly string[] {
  const judged = JUDGEMENTS[title];
  if (our?.code !== their?.code) {
    if (judged?.ours === our?.code) return [];
    return [`ours: ${our?.code} ${our?.message ?? ''}`, `moto: ${their?.code}`];
  }
  const isJudged = (name: string): boolean =>
    judged?.without?.some((prefix) => name.startsWith(prefix)) ?? false;
  return [...(their?.shape ?? [])].filter((name) => !our?.shape.has(name) && !isJudged(name));
}

describe.skipIf(MOTO === undefined)('against moto (needs TEAL_MOTO, its address)', () => {
  let region: Region;
  let ours: Map<string, Outcome>;
  let theirs: Map<string, Outcome>;

  beforeAll(async () => {
    region = createRegion({
      clock: createVirtualClock({ start: Date.now() }),
      isThrottled: false,
    });
    const common = { region: 'us-east-1', maxAttempts: 1 };
    const ask = sender({
      ...common,
      endpoint: 'http://127.0.0.1:1',
      credentials: region.administrator,
      requestHandler: region.endpoint.requestHandler,
    });
    const program = { type: 'model' } as const;
    ours = await outcomes(ask, async () => region.ec2.addImage({ name: 'app', program, tags: {} }));
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const askMoto = sender({ ...common, endpoint: MOTO, credentials });
    await fetch(`${MOTO}/moto-api/reset`, { method: 'POST' });
    theirs = await outcomes(askMoto, async () => {
      const output = await askMoto('ec2', 'DescribeImages', {});
      return String((output['Images'] as { ImageId?: string }[])[0]?.ImageId);
    });
  });
  afterAll(() => region.stop());

  test.each(SCRIPT.map(({ title, call }) => [title, call]))('%s (%s)', (title) => {
    expect(differences(title, ours.get(title), theirs.get(title))).toEqual([]);
  });
});
