/** What becomes of a pause that is asked for again, and what is said of one that nobody ended. */
import { expect, it } from 'vitest';
import { decideNextStep } from '../../shared/core/decide-next-step.ts';
import { decideVerb, type SignedOrder } from '../../shared/core/decide-verb.ts';
import { parseOrder } from '../../shared/core/order-request.ts';
import type { DeploymentRecord } from '../../shared/core/record.ts';
import { instantAfter } from '../../shared/core/units.ts';
import { recorded } from './records.ts';
import { NOW, situation } from './situations.ts';

const ADA = 'arn:aws:iam::111122223333:user/ada';
const BOB = 'arn:aws:iam::111122223333:user/bob';
const LATER = instantAfter(NOW, 5);

const { progress } = situation();
const running: DeploymentRecord = { ...recorded, progress };

function toPause(by: string, body: Record<string, unknown>, key = by): SignedOrder {
  return { ...parseOrder('pause', body), by, key };
}

/** The record after an order, and what was answered. */
function give(record: DeploymentRecord, order: SignedOrder, now = LATER) {
  const decision = decideVerb(record, order, now);
  if (decision.type !== 'granted') throw new Error(`It was refused: ${decision.reason}`);
  const { orders = record.orders } = decision.change;
  return { ...decision, record: { ...record, ...(orders && { orders }) } };
}

const paused = give(running, toPause(ADA, { reason: 'p99 is odd' }), NOW);

it('a second pause without a word to it keeps who paused first, and why', () => {
  const again = give(paused.record, toPause(BOB, {}));
  expect(again.record.orders?.paused).toEqual(paused.record.orders?.paused);
  expect(again.reason).toBe(`${ADA} paused it: p99 is odd`);
  // The timeline has one line of it.
  expect(again.line).toEqual(paused.line);
  // And the order that changed nothing stays one that changes nothing, also when it comes late.
  const { paused: _ended, ...orders } = again.record.orders ?? {};
  const resent = give({ ...again.record, orders }, toPause(BOB, {}));
  expect(resent).toMatchObject({ change: {}, reason: again.reason });
});

it.each([{ reason: 'I look at it' }, { timeoutSeconds: 600 }])(
  'a second pause that says something new (%o) replaces the first',
  (body) => {
    const again = give(paused.record, toPause(BOB, body));
    expect(again.record.orders?.paused).toMatchObject({ ...body, by: BOB, at: LATER });
  },
);

it('a pause without a word is one of its own where the one before has run out', () => {
  const limited = give(running, toPause(ADA, { timeoutSeconds: 10 }), NOW);
  const again = give(limited.record, toPause(BOB, {}), instantAfter(NOW, 10));
  expect(again.record.orders?.paused).toMatchObject({ by: BOB });
});

it.each([
  [undefined, ''],
  ['unsure', ': unsure'],
])(
  'a pause for the reason %s that nobody ended is told with what is known of it',
  (reason, said) => {
    const body = { timeoutSeconds: 60, onTimeout: 'rollBack', ...(reason && { reason }) };
    const { record } = give(running, toPause(ADA, body), NOW);
    const until = instantAfter(NOW, 60);
    const observation = { orders: record.orders };
    expect(decideNextStep(situation({ now: until, observation }))).toMatchObject({
      type: 'rollBack',
      reason: `Nobody ended the pause that ${ADA} asked for until ${until}${said || '.'}`,
    });
  },
);
