/** The steps of a deployment as a tree: what is done, what is under way, and what follows. */
import type { Step } from '../../shared/core/plan.ts';
import type { Ink } from '../terminal/ink.ts';
import { formatSeconds } from '../duration.ts';
import type { Frame } from './render.ts';
import { type Sight, stateOf } from './sight.ts';

type Mark = 'done' | 'now' | 'next' | 'taken back' | 'failed';

interface Branch {
  readonly mark: Mark;
  readonly name: string;
  readonly note: string;
}

/** Statuses in which traffic is taken back, or has been. */
const BACKWARD = new Set(['rollingBack', 'cleaningUpGreen', 'rolledBack']);

/** The mark of a whole deployment. */
export function markOf(status: string, ink: Ink): string {
  if (status === 'succeeded') return ink.green('✔');
  if (status === 'failed' || status === 'refused') return ink.red('✖');
  if (BACKWARD.has(status)) return ink.yellow('↩');
  return ink.cyan('◐');
}

/**
 * The tree, of which at most so many steps are shown, those around the current one; 0 leaves only
 * what is under way.
 */
export function stepLines(sight: Sight, frame: Frame, most: number): readonly string[] {
  const steps = sight.observation?.steps ?? sight.deployment?.plan?.steps;
  const state = stateOf(sight);
  if (!steps || !state) return [];
  const { status } = state;
  const stepIndex = sight.observation?.stepIndex ?? sight.deployment?.progress.stepIndex ?? -1;
  const green = greenBranch(status, stepIndex, sight);
  const last = lastBranch(status);
  const branches = steps.map((step, index) =>
    branchOf(step, index, { sight, status, stepIndex, frame }),
  );
  if (most === 0) {
    return hang(
      [green, ...branches, last].filter(({ mark }) => mark === 'now').slice(-1),
      frame.ink,
    );
  }
  const first = Math.max(0, Math.min(stepIndex - Math.floor(most / 2), steps.length - most));
  const shown = branches.slice(first, first + most);
  const before = first;
  const after = branches.length - first - shown.length;
  return hang(
    [
      green,
      ...(before > 0 ? [fold(before, 'before', 'done')] : []),
      ...shown,
      ...(after > 0 ? [fold(after, 'after', 'next')] : []),
      last,
    ],
    frame.ink,
  );
}

function fold(count: number, side: 'before' | 'after', mark: Mark): Branch {
  return { mark, name: '…', note: `${count} more ${side}` };
}

function greenBranch(status: string, stepIndex: number, { deployment }: Sight): Branch {
  const mark = stepIndex >= 0 ? 'done' : endMark(status);
  return {
    mark: mark === 'next' ? 'now' : mark,
    name: 'green',
    note: `is built beside blue${approvalAfter(-1, deployment)}`,
  };
}

/** Whether people are asked before it goes on from here. */
function approvalAfter(stepIndex: number, deployment: Sight['deployment']): string {
  return deployment?.plan?.approval?.afterSteps.includes(stepIndex) ? ', then approval' : '';
}

interface Place {
  readonly sight: Sight;
  readonly status: string;
  readonly stepIndex: number;
  readonly frame: Frame;
}

function branchOf(step: Step, index: number, place: Place): Branch {
  const { status, stepIndex, sight } = place;
  const name = `${String(step.greenWeightPercent).padStart(3)} %`;
  const length = `${step.greenWeightPercent === 100 ? 'bake' : 'hold'} ${formatSeconds(step.holdSeconds)}`;
  const planned = `${length}${approvalAfter(index, sight.deployment)}`;
  const isOver = status === 'succeeded' || status === 'retiringBlue';
  if (index > stepIndex) return { mark: 'next', name, note: planned };
  if (BACKWARD.has(status) || status === 'failed') {
    return { mark: endMark(status), name, note: 'taken back' };
  }
  if (index < stepIndex || isOver) return { mark: 'done', name, note: planned };
  return { mark: 'now', name, note: noteOfHold(step, place, { length, planned }) };
}

/** Cells of the bar of a hold. */
const HOLD_CELLS = 10;

function noteOfHold(
  step: Step,
  { sight, status, frame }: Place,
  { length, planned }: { readonly length: string; readonly planned: string },
): string {
  const { holdUntil } = sight.observation ?? {};
  const left = holdUntil ? (Date.parse(holdUntil) - frame.now) / 1000 : 0;
  if (status === 'shifting' || left <= 0 || step.holdSeconds <= 0) return planned;
  const part = Math.max(0, Math.min(1, 1 - left / step.holdSeconds));
  const filled = Math.round(part * HOLD_CELLS);
  const bar = frame.ink.cyan('━'.repeat(filled)) + frame.ink.dim('━'.repeat(HOLD_CELLS - filled));
  const rest = planned.slice(length.length);
  return `${length} ${bar} ${formatSeconds(left)} left${rest}`;
}

function lastBranch(status: string): Branch {
  if (BACKWARD.has(status)) {
    const mark = status === 'rolledBack' ? 'done' : 'now';
    return { mark, name: 'blue', note: 'takes everything back, green is removed' };
  }
  if (status === 'succeeded') return { mark: 'done', name: 'blue', note: 'retires' };
  return { mark: status === 'retiringBlue' ? 'now' : 'next', name: 'blue', note: 'retires' };
}

function endMark(status: string): Mark {
  if (BACKWARD.has(status)) return 'taken back';
  return status === 'failed' || status === 'refused' ? 'failed' : 'next';
}

/** Cells of a branch's name. */
const NAME_CELLS = 5;

function hang(branches: readonly Branch[], ink: Ink): readonly string[] {
  const marks: Record<Mark, string> = {
    done: ink.green('✔'),
    now: ink.cyan('●'),
    next: ink.dim('○'),
    'taken back': ink.yellow('↩'),
    failed: ink.red('✖'),
  };
  return branches.map(({ mark, name, note }, index) => {
    const limb = ink.dim(index === branches.length - 1 ? '└' : '├');
    const text = `${name.padEnd(NAME_CELLS)}  ${note}`;
    const said = mark === 'now' ? ink.bold(text) : mark === 'next' ? ink.dim(text) : text;
    return `${limb} ${marks[mark]} ${said}`;
  });
}
