/**
 * What code may not take out of thin air: the environment, the time, chance.
 * Not for: values that are handed in.
 */
import { Visitor } from 'oxc-parser';
import type { Source } from './source.ts';

interface Ban {
  readonly files: RegExp;
  /** Files that are the one place where it is done. */
  readonly except: RegExp;
  readonly calls: readonly string[];
  readonly because: string;
}

/** `Date()` stands for calling it without arguments, with or without `new`. */
const BANS: readonly Ban[] = [
  {
    files: /^(?:shared|functions)\//,
    except: /^functions\/_ports\.ts$/,
    calls: ['process.env'],
    because: 'only functions/_ports.ts reads the environment',
  },
  {
    files: /^shared\/core\//,
    except: /^$/,
    calls: ['Date.now', 'Date()', 'Math.random', 'performance.now', 'setTimeout', 'setInterval'],
    because: 'time and chance are handed to the policy',
  },
  {
    files: /^region\//,
    // The clock itself, and the worker that shows region time to a function.
    except: /^region\/(?:kernel\/real-clock\.ts|services\/lambda\/worker\.mjs)$/,
    calls: ['Date.now', 'Date()', 'Math.random'],
    because: 'time is kernel.clock and chance is kernel.random',
  },
];

/** Uses of the environment, of the clock and of chance where they are banned. */
export function ambientUses(source: Source): readonly string[] {
  const bans = BANS.filter(
    ({ files, except }) => files.test(source.path) && !except.test(source.path),
  );
  if (bans.length === 0) return [];
  const used = namesUsed(source);
  return bans.flatMap(({ calls, because }) =>
    calls
      .filter((call) => used.has(call))
      .map((call) => `${source.path} uses ${call}, but ${because}`),
  );
}

interface Callee {
  readonly type: string;
  readonly name?: unknown;
}

function namesUsed({ text, tree }: Source): ReadonlySet<string> {
  const used = new Set<string>();
  const call = ({ callee, args }: { callee: Callee; args: number }): void => {
    if (callee.type !== 'Identifier') return;
    if (callee.name !== 'Date') used.add(String(callee.name));
    else if (args === 0) used.add('Date()');
  };
  new Visitor({
    MemberExpression(node) {
      used.add(text.slice(node.start, node.end).replaceAll('?.', '.').replaceAll(/\s/g, ''));
    },
    CallExpression(node) {
      call({ callee: node.callee, args: node.arguments.length });
    },
    NewExpression(node) {
      call({ callee: node.callee, args: node.arguments.length });
    },
    ImportDeclaration(node) {
      // `import { env } from 'node:process'` is the same thing by another door.
      if (/^(?:node:)?process$/.test(node.source.value)) used.add('process.env');
    },
  }).visit(tree.program);
  return used;
}
