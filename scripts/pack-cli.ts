/**
 * `npm run pack:cli`: makes the tarball that `npm i -g` takes, under `dist/npm`.
 * Not for: the functions; see `build.ts`.
 */
import path from 'node:path';
import { bundleCli } from './bundle-cli.ts';
import { ROOT, run } from './run.ts';

const folder = path.join(ROOT, 'dist/npm');
const bytes = await bundleCli(ROOT, folder);
const { exitCode, output } = await run({
  file: 'npm',
  args: ['pack', '--silent', '--ignore-scripts'],
  folder,
});
if (exitCode !== 0) throw new Error(`npm pack failed in ${folder}:\n${output}`);
const name = /\S+\.tgz/.exec(output)?.[0] ?? '';
const tarball = path.relative(process.cwd(), path.join(folder, name));
console.log(`Bundled ${Math.round(bytes / 1000)} kB. Install it: npm i -g ./${tarball}`);
