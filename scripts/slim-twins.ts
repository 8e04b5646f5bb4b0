/**
 * Files that the SDK generates once for each client, the same but for a name: a bundle carries one
 * of them, and each client gives it its name. What differs in more than that stays as it is.
 * Not for: changing what such a file does; the one is made of the other's text.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { PluginBuild } from 'esbuild';

/** A file in two parts: what it shares with its twins, and what is left of it. */
export interface Twin {
  /** A module; where texts are equal, a bundle carries one. It exports `make`. */
  readonly shared: string;
  /** The file, importing `make` from `slim-sdk:twin`. */
  readonly own: string;
}

/** How a client imports what it calls `make`. */
const SHARED_MODULE = 'slim-sdk:twin';

const IMPORT_MAKE = `import { make } from '${SHARED_MODULE}';\n`;

/** The imports of a client's settings that are the client's own. */
const OWN_IMPORTS = /^import .* from "(?:\.\.\/package\.json|\.\/runtimeConfig\.shared)";\n/gm;

/** The host of a service's endpoints, in texts such as `https://ec2.{Region}.amazonaws.com`. */
const HOST = /"https:\/\/([a-z]+)\.\{Region\}/;

/** Where a client gets its settings from: 0.8 kB less for each client but the first. */
export function splitSettings(source: string): Twin {
  const shared = source
    .replace(OWN_IMPORTS, '')
    .replace(
      'export const getRuntimeConfig = (config) =>',
      'export const make = (packageInfo, getSharedRuntimeConfig) => (config) =>',
    );
  const own = [...source.matchAll(OWN_IMPORTS)].map(([line]) => line).join('');
  const made = 'export const getRuntimeConfig = make(packageInfo, getSharedRuntimeConfig);\n';
  return { shared, own: own + IMPORT_MAKE + made };
}

/** Rules for a client's endpoint, of which most services have the same: 1.3 kB less for each. */
export function splitEndpoints(source: string): Twin | undefined {
  const host = HOST.exec(source)?.[1];
  const start = source.indexOf('const ');
  if (host === undefined || start < 0) return undefined;
  const body = source
    .slice(start)
    .replaceAll(new RegExp(`"https://${host}(?=[-.])`, 'g'), '"https://" + host + "')
    .replace('export const bdd =', 'return');
  return {
    shared: `${source.slice(0, start)}export const make = (host) => {\n${body}};\n`,
    own: `${IMPORT_MAKE}export const bdd = /* @__PURE__ */ make("${host}");\n`,
  };
}

const TWINS: readonly { filter: RegExp; split: (source: string) => Twin | undefined }[] = [
  { filter: /client-[a-z0-9-]+\/dist-es\/runtimeConfig\.js$/, split: splitSettings },
  { filter: /client-[a-z0-9-]+\/dist-es\/endpoint\/bdd\.js$/, split: splitEndpoints },
];

/** Makes a build share them. */
export function shareTwins(build: PluginBuild): void {
  const namespace = 'slim-sdk-twin';
  const shared = new Map<string, { readonly text: string; readonly resolveDir: string }>();
  const names = new Map<string, string>();
  for (const { filter, split } of TWINS) {
    build.onLoad({ filter }, async ({ path: file }) => {
      const source = await readFile(file, 'utf8');
      const { shared: text, own } = split(source) ?? {};
      if (text === undefined) return { contents: source };
      const name = names.get(text) ?? `twin-${names.size}`;
      names.set(text, name);
      shared.set(name, { text, resolveDir: path.dirname(file) });
      return { contents: own, resolveDir: path.dirname(file), pluginData: { name } };
    });
  }
  build.onResolve({ filter: new RegExp(`^${SHARED_MODULE}$`) }, ({ pluginData }) => ({
    path: (pluginData as { name: string }).name,
    namespace,
    sideEffects: false,
  }));
  build.onLoad({ filter: /.*/, namespace }, ({ path: name }) => {
    const { text, resolveDir } = shared.get(name) ?? {};
    return { contents: text, resolveDir };
  });
}
