/** Every tidy rule is shown a source that breaks it: a rule that cannot fail is worth nothing. */
import { describe, expect, it } from 'vitest';
import { ambientUses } from './ambient.ts';
import { headless, looseEnds, misnamed, tooLong, undocumentedExports } from './documents.ts';
import { forbiddenImports } from './layers.ts';
import { toSource } from './source.ts';

describe('layers', () => {
  const refused: readonly (readonly [file: string, text: string])[] = [
    ['shared/core/plan.ts', "import { load } from '../aws/ledger.ts';"],
    ['shared/core/plan.ts', "import type { Ledger } from '../ports/ledger.ts';"],
    ['shared/core/plan.ts', "import { readFile } from 'node:fs';"],
    ['shared/core/plan.ts', "export { load } from '../aws/ledger.ts';"],
    ['shared/core/plan.ts', "const ledger = await import('../aws/ledger.ts');"],
    ['shared/ports/ledger.ts', "import { invariant } from '../core/errors.ts';"],
    ['shared/ports/ledger.ts', "import type { Reader } from '../aws/reader.ts';"],
    ['shared/aws/ledger.ts', "import { ports } from '../../functions/_ports.ts';"],
    ['shared/aws/ledger.ts', "import { env } from 'node:process';"],
    ['functions/hold.ts', "import { handler } from './shift-traffic.ts';"],
    ['functions/hold.ts', "import { SFNClient } from '@aws-sdk/client-sfn';"],
    ['functions/hold.ts', "import { ledger } from '../shared/aws/ledger.ts';"],
    ['functions/hold.ts', "import { ledger } from '../shared/ports/ledger.ts';"],
    ['functions/_ports.ts', "import { handler } from './hold.ts';"],
    ['functions/_ports.ts', "import { region } from '../region/region.ts';"],
    ['region/kernel/kernel.ts', "import type { Percent } from '../../shared/core/units.ts';"],
    ['region/services/lambda/worker.mjs', "import { handler } from '../../../functions/hold.ts';"],
    ['cli/teal.ts', "import { handler } from '../functions/api.ts';"],
    ['cli/teal.ts', "import { ledger } from '../shared/aws/ledger.ts';"],
    ['scripts/build.ts', "import { start } from '../region/region.ts';"],
    ['scripts/record-watch.ts', "import { start } from '../region/region.ts';"],
    ['scripts/docs.ts', "import { createLab } from '../test/lab/lab.ts';"],
  ];
  it.each(refused)('refuses in %s: %s', (file, text) => {
    expect(forbiddenImports(toSource(file, text))).toHaveLength(1);
  });

  const allowed: readonly (readonly [file: string, text: string])[] = [
    [
      'shared/core/plan.ts',
      "import * as z from 'zod/mini';\nimport { invariant } from './errors.ts';",
    ],
    ['shared/ports/ledger.ts', "import type { Plan } from '../core/plan.ts';"],
    ['shared/aws/ledger.ts', "import { SFNClient } from '@aws-sdk/client-sfn';"],
    ['functions/hold.ts', "import type { Ledger } from '../shared/ports/ledger.ts';"],
    ['functions/hold.ts', "import { ports } from './_ports.ts';"],
    ['functions/_ports.ts', "import { ledger } from '../shared/aws/ledger.ts';"],
    ['region/ec2/images.ts', "import { arn } from '../kernel/kernel.ts';\nimport 'node:http';"],
    ['cli/teal.ts', "import { Command } from 'commander';"],
    ['scripts/record-watch.ts', "import { createLab } from '../test/lab/lab.ts';"],
    ['scripts/documents.ts', "import { createProgram } from '../cli/program.ts';"],
  ];
  it.each(allowed)('allows in %s: %s', (file, text) => {
    expect(forbiddenImports(toSource(file, text))).toEqual([]);
  });
});

describe('environment, time and chance', () => {
  const refused: readonly (readonly [file: string, text: string])[] = [
    ['shared/core/plan.ts', 'const now = Date.now();'],
    ['shared/core/plan.ts', 'const now = new Date();'],
    ['shared/core/plan.ts', 'const now = Date();'],
    ['shared/core/plan.ts', 'const clock = Date.now;'],
    ['shared/core/plan.ts', 'const dice = Math.random();'],
    ['shared/core/plan.ts', 'setTimeout(() => {}, 1);'],
    ['shared/aws/ledger.ts', 'const table = process.env.TEAL_TABLE;'],
    ['shared/aws/ledger.ts', "const table = process.env['TEAL_TABLE'];"],
    ['functions/hold.ts', "import { env } from 'node:process';"],
    ['functions/_handler.ts', 'const level = process.env?.LEVEL;'],
    ['region/ec2/images.ts', 'const id = Math.random();'],
  ];
  it.each(refused)('refuses in %s: %s', (file, text) => {
    expect(ambientUses(toSource(file, text))).toHaveLength(1);
  });

  const allowed: readonly (readonly [file: string, text: string])[] = [
    ['shared/core/units.ts', 'const later = new Date(Date.parse(at) + 1000);'],
    ['functions/_ports.ts', 'const table = process.env.TEAL_TABLE;'],
    ['region/kernel/real-clock.ts', 'const now = Date.now();'],
    ['cli/teal.ts', 'const now = Date.now(); const home = process.env.HOME;'],
  ];
  it.each(allowed)('allows in %s: %s', (file, text) => {
    expect(ambientUses(toSource(file, text))).toEqual([]);
  });
});

const lines = (count: number): string => 'let a;\n'.repeat(count);

describe('documents', () => {
  it.each(['shared/core/Plan.ts', 'shared/core/myPlan.ts', 'docs/my_page.md'])(
    'refuses the name %s',
    (path) => {
      expect(misnamed({ path, text: '' })).toHaveLength(1);
    },
  );

  it.each(['functions/_ports.ts', 'test/core/plan.test.ts', 'README.md', '.ci/run'])(
    'allows the name %s',
    (path) => {
      expect(misnamed({ path, text: '' })).toEqual([]);
    },
  );

  it('refuses a file of 301 lines, and allows one of 300 and a long test', () => {
    expect(tooLong(toSource('cli/a.ts', lines(301)))).toHaveLength(1);
    expect(tooLong(toSource('cli/a.ts', lines(300)))).toEqual([]);
    expect(tooLong(toSource('test/a.test.ts', lines(301)))).toEqual([]);
  });

  it('wants a header before the first statement', () => {
    expect(headless(toSource('cli/a.ts', 'let a;'))).toHaveLength(1);
    expect(headless(toSource('cli/a.ts', 'let a;\n/** Late. */\nlet b;'))).toHaveLength(1);
    expect(headless(toSource('cli/a.ts', '// Not a docstring.\nlet a;'))).toHaveLength(1);
    const program = '#!/usr/bin/env node\n/** Header. */\nlet a;';
    expect(['cli/a.ts', 'cli/a.mjs'].flatMap((file) => headless(toSource(file, program)))).toEqual(
      [],
    );
  });

  const undocumented: readonly string[] = [
    '/** Header. */\nexport const a = 1;',
    '/** Header. */\nlet x;\nexport interface A {}',
    '/** Header. */\nlet x;\n// Not a docstring.\nexport function a() {}',
    '/** Header. */\n/** Of x. */\nlet x;\nexport class A {}',
    '/** Header. */\nlet a;\nexport { a };',
  ];
  it.each(undocumented)('refuses an export without a docstring of its own: %j', (text) => {
    expect(undocumentedExports(toSource('cli/a.ts', text))).toHaveLength(1);
  });

  it('takes the docstring before the export, and a schema for the type inferred from it', () => {
    const text =
      '/** Header. */\nlet x;\n/** An a. */\nexport const a = 1;\nexport type A = z.infer<typeof a>;';
    expect(undocumentedExports(toSource('cli/a.ts', text))).toEqual([]);
  });

  it('sees loose ends, machine paths and registry hosts in any text', () => {
    // In two halves each, because this file is read by the same rule.
    const bad = [
      ['// TO', 'DO: later'],
      ['see /ho', 'me/someone/notes'],
      ['"resol', 'ved": "https://example.com/a.tgz"'],
      ['npm config set https://regis', 'try.example.com'],
    ];
    for (const halves of bad) {
      expect(looseEnds({ path: 'docs/a.md', text: halves.join('') })).toHaveLength(1);
    }
    expect(looseEnds({ path: 'docs/a.md', text: 'GET /work-items/home' })).toEqual([]);
  });
});
