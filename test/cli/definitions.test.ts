/** `teal init`, `teal diff` and `teal apply`: files in and out, what is asked of the API, how it ends. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ApiRefused, ApiUnreachable } from '../../cli/api-client.ts';
import { parseTealText, renderTealFile } from '../../cli/teal-file.ts';
import { parseServiceDefinition } from '../../shared/core/spec.ts';
import { type Answering, createTestShell, runTeal } from './test-shell.ts';

const FILE = `services:
  web:
    autoScalingGroupName: web-blue
    bakeTimeSeconds: 1800
`;

const WEB = parseServiceDefinition({ service: 'web', autoScalingGroupName: 'web-blue' });

/** A folder that goes with the test, and files in it. */
function folderWith(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'teal-definitions-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return folder;
}

/** Services as the API keeps them, and everything that was asked. */
function createApi(services: Readonly<Record<string, unknown>> = {}) {
  const asked: string[] = [];
  const answering: Answering = (method, at, body) => {
    asked.push([method, at, ...(body ? [JSON.stringify(body)] : [])].join(' '));
    const service = /^\/services\/([^?]+)/.exec(at)?.[1] ?? '';
    if (method === 'PUT') return body;
    const kept = services[service];
    if (kept) return kept;
    throw new ApiRefused(`GET ${at} was answered with 404`, 404, { title: 'NotFound' });
  };
  return { asked, answering };
}

async function run(answering: Answering, ...words: readonly string[]) {
  const shell = createTestShell(answering);
  await runTeal(shell, ...words);
  return { out: shell.written(), err: shell.complaints(), status: shell.status() };
}

const deaf: Answering = () => {
  throw new ApiUnreachable('GET x was not answered.');
};

describe('teal diff', () => {
  it('shows key by key what apply would change, and ends with 1', async () => {
    const file = path.join(folderWith({ 'teal.yml': FILE }), 'teal.yml');
    const { asked, answering } = createApi({ web: { ...WEB, alarms: ['old'] } });
    const { out, status } = await run(answering, 'diff', '--file', file);
    expect(out).toBe(
      'web: would be changed\n  ~ bakeTimeSeconds: 600 -> 1800\n  ~ alarms: ["old"] -> []\n',
    );
    expect(status).toBe(1);
    expect(asked).toEqual(['GET /services/web?as=given']);
  });

  it('shows a list of notices that a Teal before 0.1.0 wrote out by itself', async () => {
    const text = `${FILE}    notifications: {}\n`;
    const file = path.join(folderWith({ 'teal.yml': text }), 'teal.yml');
    const on = ['approvalRequested', 'succeeded', 'rolledBack', 'refused', 'failed'];
    const kept = { ...WEB, bakeTimeSeconds: 1800, notifications: { on } };
    const { out, status } = await run(createApi({ web: kept }).answering, 'diff', '--file', file);
    expect(out).toBe(
      'web: would be changed\n' +
        '  - notifications.on: ["approvalRequested","succeeded","rolledBack","refused","failed"]\n',
    );
    expect(status).toBe(1);
  });

  it('finds no difference where only defaults are missing, and ends with 0', async () => {
    const file = path.join(folderWith({ 'teal.yml': FILE }), 'teal.yml');
    const kept = { service: 'web', autoScalingGroupName: 'web-blue', bakeTimeSeconds: 1800 };
    const { out, status } = await run(createApi({ web: kept }).answering, 'diff', '-f', file);
    expect(out).toBe(`Nothing would be changed by ${file}.\n`);
    expect(status).toBe(0);
  });

  it('shows a service that is new with every key, and for programs as JSON', async () => {
    const file = path.join(folderWith({ 'teal.yml': FILE }), 'teal.yml');
    const { out, status } = await run(createApi().answering, 'diff', '-f', file, '--json');
    const { services } = JSON.parse(out) as { services: { type: string; changes: unknown[] }[] };
    expect(services).toMatchObject([{ service: 'web', type: 'created' }]);
    expect(services[0]?.changes).toContainEqual({ path: 'bakeTimeSeconds', to: 1800 });
    expect(status).toBe(1);
  });

  it('ends with 2 where it cannot be known: a file that is wrong, an API that does not answer', async () => {
    const folder = folderWith({ 'teal.yml': FILE, 'bad.yml': 'services: 7' });
    for (const [name, said] of [
      ['bad.yml', /bad\.yml:1:1: services: must be keys with values, and is a number/],
      ['none.yml', /Tried to read .*none\.yml; the answer was ENOENT.*teal init/],
      ['teal.yml', /was not answered/],
    ] as const) {
      const { err, status } = await run(deaf, 'diff', '-f', path.join(folder, name));
      expect(err).toMatch(said);
      expect(status).toBe(2);
    }
  });
});

describe('teal apply', () => {
  it('puts every definition, changed or not, and says which were changed', async () => {
    const text = `${FILE}  api:\n    autoScalingGroupName: api-blue\n`;
    const file = path.join(folderWith({ 'teal.yml': text }), 'teal.yml');
    const { asked, answering } = createApi({ web: { ...WEB, bakeTimeSeconds: 1800 } });
    const { out } = await run(answering, 'apply', '-f', file);
    expect(out).toMatch(/^web: no change\napi: created\n {2}\+ autoScalingGroupName: "api-blue"\n/);
    // Nothing live was asked, and an alarm may be too slow for a hold all the same.
    expect(out).toMatch(
      /\nNothing that is live was looked at; .* teal plan --service api --image /,
    );
    expect(asked.map((one) => one.slice(0, 30))).toEqual([
      'GET /services/web?as=given',
      'PUT /services/web {"autoScalin',
      'GET /services/api?as=given',
      'PUT /services/api {"autoScalin',
    ]);
  });

  it('has nothing more to say where nothing was changed', async () => {
    const file = path.join(folderWith({ 'teal.yml': FILE }), 'teal.yml');
    const { answering } = createApi({ web: { ...WEB, bakeTimeSeconds: 1800 } });
    const { out } = await run(answering, 'apply', '-f', file);
    expect(out).toBe('web: no change\n');
  });

  it('only says what it would do with --dry-run', async () => {
    const file = path.join(folderWith({ 'teal.yml': FILE }), 'teal.yml');
    const { asked, answering } = createApi({ web: WEB });
    const { out } = await run(answering, 'apply', '-f', file, '--dry-run');
    expect(out).toBe('web: would be changed\n  ~ bakeTimeSeconds: 600 -> 1800\n');
    expect(asked).toEqual(['GET /services/web?as=given']);
    const json = await run(answering, 'apply', '-f', file, '--dry-run', '--json');
    expect(JSON.parse(json.out)).toMatchObject({
      isDryRun: true,
      services: [{ service: 'web', type: 'changed' }],
    });
  });

  it('sends nothing at all when any of the definitions is wrong', async () => {
    const text = `${FILE}  api:\n    autoScalingGroup: api-blue\n`;
    const file = path.join(folderWith({ 'teal.yml': text }), 'teal.yml');
    const { asked, answering } = createApi();
    await expect(run(answering, 'apply', '-f', file)).rejects.toMatchObject({
      name: 'TealFileRefused',
      message: expect.stringContaining(
        `${file}:6:5: services.api.autoScalingGroup: no such key; did you mean autoScalingGroupName?`,
      ),
    });
    expect(asked).toEqual([]);
  });

  it('has told what it did when a later definition is refused', async () => {
    const text = `${FILE}  api:\n    autoScalingGroupName: api-blue\n`;
    const file = path.join(folderWith({ 'teal.yml': text }), 'teal.yml');
    const { answering } = createApi({ web: WEB });
    const shell = createTestShell((method, at, body, key) => {
      if (method === 'PUT' && at.endsWith('/api')) throw new ApiRefused('Not you.', 403);
      return answering(method, at, body, key);
    });
    await expect(runTeal(shell, 'apply', '-f', file)).rejects.toThrow('Not you.');
    expect(shell.written()).toMatch(/^web: changed\n/);
    expect(shell.written()).not.toContain('api');
  });
});

const refuse: Answering = () => {
  throw new Error('The API was asked.');
};

describe('teal init', () => {
  const draft = {
    definition: { service: 'web', autoScalingGroupName: 'web-blue', alarms: ['web-5xx'] },
    notes: ['The group runs 2 instances.'],
  };
  const answering: Answering = () => draft;

  it('writes the file, the schema beside it, and what to know', async () => {
    const folder = folderWith();
    const file = path.join(folder, 'teal.yml');
    const asked: string[] = [];
    const noting: Answering = (method, at) => {
      asked.push(`${method} ${at}`);
      return draft;
    };
    const words = ['--from-group', 'web blue', '--service', 'web', '-o', file];
    const { out } = await run(noting, 'init', ...words);
    expect(asked).toEqual(['GET /groups/web%20blue/definition?service=web']);
    expect(out).toContain('- The group runs 2 instances.');
    expect(out).toMatch(/Read it, then: teal diff -f \S+teal\.yml, teal apply -f \S+teal\.yml\.\n/);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/teal\.schema\.json\n/);
    expect(text).toContain('# - The group runs 2 instances.');
    expect(parseTealText(text, file)).toEqual([{ ...WEB, alarms: ['web-5xx'] }]);
    const schema = JSON.parse(
      readFileSync(path.join(folder, 'teal.schema.json'), 'utf8'),
    ) as object;
    expect(schema).toHaveProperty('properties.services');
  });

  it('leaves a file alone that is there, unless it is told to write over it', async () => {
    const folder = folderWith({ 'teal.yml': 'mine' });
    const file = path.join(folder, 'teal.yml');
    const words = ['init', '--from-group', 'web-blue', '-o', file] as const;
    await expect(run(refuse, ...words)).rejects.toThrow('is there already and was left alone');
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(readdirSync(folder)).toEqual(['teal.yml']);
    await run(answering, ...words, '--force');
    expect(readFileSync(file, 'utf8')).toContain('web-5xx');
  });

  it('prints and writes no file with --stdout', async () => {
    const { out } = await run(answering, 'init', '--from-group', 'web-blue', '--stdout');
    expect(out).not.toContain('yaml-language-server');
    expect(parseTealText(out, 'out')).toHaveLength(1);
  });

  it('says on standard error which service has the group already, also with --stdout', async () => {
    const notes = ['Group web-blue is what serves shop already.', 'It runs 2 instances.'];
    const words = ['init', '--from-group', 'web-blue', '--stdout'] as const;
    const { out, err } = await run(() => ({ ...draft, owner: 'shop', notes }), ...words);
    expect(err).toBe('Group web-blue is what serves shop already.\n');
    expect(out).toContain('# - Group web-blue is what serves shop already.');
    expect((await run(answering, ...words)).err).toBe('');
  });

  it('says where it could not write', async () => {
    const file = path.join(folderWith(), 'none', 'teal.yml');
    await expect(run(answering, 'init', '--from-group', 'x', '-o', file)).rejects.toThrow(
      /Tried to write .*teal\.yml; the answer was ENOENT/,
    );
  });
});

const refusals = (text: string): readonly string[] => {
  try {
    parseTealText(text, 'f');
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').slice(0, -1);
  }
};

describe('a file', () => {
  it.each([
    [
      'services:\n  web:\n    autoScalingGroupName: a\n    alarms:\n      - b\n      - nam: c\n',
      [
        'f:6:9: services.web.alarms.1.name: must be given',
        'f:6:9: services.web.alarms.1.nam: no such key; did you mean name?',
      ],
    ],
    [
      'services:\n  web:\n    bakeTimeSeconds: -1\n',
      [
        'f:2:3: services.web.autoScalingGroupName: must be given',
        'f:3:5: services.web.bakeTimeSeconds: must be at least 0',
      ],
    ],
    [
      'services: [\n',
      ['f:2:1: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ],
    ['services:\n  web: {}\n  web: {}\n', ['f:3:3: Map keys must be unique']],
    [
      'services: {}\n---\nservices: {}\n',
      ['f:2:1: the file has more than one document; put all services into one'],
    ],
    ['services: *gone\n', ['f: Unresolved alias (the anchor must be set before the alias): gone']],
    ['services: !secret x\n', ['f:1:11: Unresolved tag: !secret']],
    ['', ['f: the file is empty; teal init drafts one from a group.']],
    ['# later\n', ['f: the file is empty; teal init drafts one from a group.']],
    [
      'services:\n  __proto__:\n    autoScalingGroupName: a\n',
      ['f:2:3: nothing can be called __proto__'],
    ],
    [
      'services:\n  web:\n    autoScalingGroupName: a\n    bakeTimeSeconds: 99999999999999999999\n',
      [
        'f:4:5: services.web.bakeTimeSeconds: is too large a number',
        'f:4:5: services.web.bakeTimeSeconds: must be at most 2592000',
      ],
    ],
    [
      'services:\n  web:\n    autoScalingGroupName: a\n    strategy:\n      type: liner\n    alarms: x\n',
      [
        "f:5:7: services.web.strategy.type: must be one of 'allAtOnce', 'canary', 'linear', 'steps'; did you mean linear?",
        'f:6:5: services.web.alarms: must be a list, and is a text',
      ],
    ],
  ])('%j is refused with line and column', (text, complaints) => {
    expect(refusals(text)).toEqual(complaints);
  });

  it('does not grow without limit by its aliases', () => {
    const rows = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [one, next] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh'].map((pair) =>
      pair.split(''),
    )) {
      rows.push(`${next}: &${next} [${Array.from({ length: 9 }, () => `*${one}`).join(', ')}]`);
    }
    expect(refusals(rows.join('\n'))).toEqual([expect.stringMatching(/^f: Excessive alias count/)]);
  });

  it('may share settings by anchors and merge keys', () => {
    const text = `services:
  web: &usual
    autoScalingGroupName: web-blue
    alarms: [edge-5xx]
  api:
    <<: *usual
    autoScalingGroupName: api-blue
`;
    expect(parseTealText(text, 'f').map(({ alarms }) => alarms)).toEqual([
      ['edge-5xx'],
      ['edge-5xx'],
    ]);
  });

  it('that was drafted is read again as it was meant, whatever its strings look like', () => {
    const definition = {
      ...WEB,
      autoScalingGroupName: 'null',
      alarms: ['# a: b', 'yes', '1e3', "it's"],
    };
    const text = renderTealFile({ definition, notes: ['a\nb', ''] }, { hasSchema: false });
    expect(parseTealText(text, 'f')).toEqual([definition]);
  });
});
