/**
 * Who may import whom. The table below is the architecture; everything it does not allow is refused.
 * Not for: imports of tests and benchmarks, which may reach everything.
 */
import path from 'node:path';
import type { Source } from './source.ts';

interface Layer {
  /** Files of the layer; the first layer that matches a file decides. */
  readonly files: RegExp;
  /** Modules of ours, as paths from the repository's folder, and packages, by name. */
  readonly mayImport: readonly RegExp[];
  /** What may be imported as a type only. */
  readonly mayImportTypes?: readonly RegExp[];
  readonly because: string;
}

/** One import as it stands in a file. */
interface Import {
  /** Path from the repository's folder, or the name of a package or of a Node.js module. */
  readonly target: string;
  readonly isType: boolean;
}

const LAYERS: readonly Layer[] = [
  {
    files: /^shared\/core\//,
    mayImport: [/^shared\/core\//, /^zod(?:\/|$)/],
    because: 'the policy imports only itself',
  },
  {
    files: /^shared\/ports\//,
    mayImport: [],
    mayImportTypes: [/^shared\/(?:core|ports)\//],
    because: 'ports are types over the core',
  },
  {
    files: /^shared\/aws\//,
    mayImport: [/^shared\/(?:aws|core)\//, /^@aws-sdk\//, /^@smithy\//, /^node:(?!process)/],
    mayImportTypes: [/^shared\/ports\//],
    because: 'adapters know the SDK, the ports and the core',
  },
  {
    files: /^functions\/_/,
    mayImport: [/^functions\/_/, /^shared\//, /^(?!\.|shared|functions|region|cli)/],
    because: 'plumbing is shared by functions and never reaches back into one',
  },
  {
    files: /^functions\//,
    mayImport: [/^functions\/_/, /^shared\/core\//, /^zod$/, /^@aws-lambda-powertools\//],
    mayImportTypes: [/^shared\/ports\//, /^aws-lambda$/],
    because: 'a function sees the core, port types and the plumbing: never the SDK or its siblings',
  },
  {
    files: /^region\//,
    mayImport: [/^region\//, /^(?!shared|functions|cli|scripts|test|bench)[@a-z]/],
    because: 'an emulator that shares code with its client agrees with its bugs',
  },
  {
    files: /^cli\//,
    mayImport: [/^cli\//, /^region\//, /^shared\/core\//, /^(?!shared|functions|scripts)[@a-z]/],
    because: 'the CLI talks HTTP and knows the words of the core',
  },
  {
    files: /^scripts\/record-/,
    mayImport: [/^scripts\//, /^cli\//, /^test\/lab\//, /^(?!shared|functions|region|test)[@a-z]/],
    because: 'a recording shows the command line at work in a lab',
  },
  {
    files: /^scripts\//,
    mayImport: [/^scripts\//, /^shared\/core\//, /^(?!shared|functions|region|test)[@a-z]/],
    because: 'scripts build the project and its documents, and are no part of it',
  },
];

/** Imports that the layer of a file does not allow. */
export function forbiddenImports(source: Source): readonly string[] {
  const layer = LAYERS.find(({ files }) => files.test(source.path));
  if (layer === undefined) return [];
  const allows = ({ target, isType }: Import): boolean =>
    layer.mayImport.some((pattern) => pattern.test(target)) ||
    (isType && (layer.mayImportTypes ?? []).some((pattern) => pattern.test(target)));
  return importsOf(source)
    .filter((one) => !allows(one))
    .map(({ target }) => `${source.path} imports ${target}, but ${layer.because}`);
}

function importsOf({ path: file, text, tree }: Source): readonly Import[] {
  const { staticImports, staticExports, dynamicImports } = tree.module;
  const imported = staticImports.map(({ moduleRequest, entries }) => ({
    target: resolve(file, moduleRequest.value),
    isType: entries.length > 0 && entries.every(({ isType }) => isType),
  }));
  const exported = staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest, isType }) =>
      moduleRequest === null ? [] : [{ target: resolve(file, moduleRequest.value), isType }],
    ),
  );
  const dynamic = dynamicImports.map(({ moduleRequest }) => {
    const written = text.slice(moduleRequest.start, moduleRequest.end);
    return { target: resolve(file, written.replace(/^['"`]|['"`]$/g, '')), isType: false };
  });
  return [...imported, ...exported, ...dynamic];
}

function resolve(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return path.posix.join(path.posix.dirname(file), specifier);
}
