/**
 * Finds a function's handler and words its errors, as Lambda's Node.js runtime does.
 * Not for: response streaming and callback handlers, which the Node.js 24 runtime refuses too.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';

/** Extensions of a handler's file, in the order in which the runtime looks for them. */
const EXTENSIONS = ['.js', '.mjs', '.cjs'];

/** Codes of Node.js that mean that a module is missing. */
const MISSING_MODULE = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/**
 * Loads the handler that a name such as `dist/plan.handler` means.
 * @param {string} taskRoot
 * @param {string} name
 * @returns {Promise<(event: unknown, context: object) => unknown>}
 */
export async function loadHandler(taskRoot, name) {
  const { dir, base } = path.posix.parse(name);
  const dot = base.indexOf('.');
  if (dot < 1 || dot === base.length - 1 || name.includes('..')) {
    throw named('Runtime.MalformedHandlerName', 'Bad handler');
  }
  const file = path.join(taskRoot, dir, base.slice(0, dot));
  const extension = EXTENSIONS.find((candidate) => existsSync(file + candidate));
  if (extension === undefined) {
    const module = path.posix.join(dir, base.slice(0, dot));
    throw named('Runtime.ImportModuleError', `Error: Cannot find module '${module}'`);
  }
  const loaded = await importModule(file + extension);
  const key = base.slice(dot + 1);
  const handler = loaded[key] ?? loaded.default?.[key];
  if (handler === undefined) {
    throw named('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  if (typeof handler !== 'function') {
    throw named('Runtime.HandlerNotFound', `${name} is not a function`);
  }
  if (handler.length > 2) {
    throw named(
      'Runtime.CallbackHandlerDeprecated',
      'Callback-based function handlers are not supported: return a promise instead.',
    );
  }
  return handler;
}

async function importModule(file) {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    if (error instanceof SyntaxError) throw named('Runtime.UserCodeSyntaxError', String(error));
    if (MISSING_MODULE.has(error?.code)) throw named('Runtime.ImportModuleError', String(error));
    throw error;
  }
}

/**
 * The document that Lambda answers with when a function throws.
 * @param {unknown} error
 * @returns {import('./worker-protocol.ts').FunctionFailure}
 */
export function describeError(error) {
  if (types.isNativeError(error) || (error?.name && error?.message && error?.stack)) {
    return {
      errorType: error.name,
      errorMessage: error.message,
      trace: String(error.stack).split('\n'),
    };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

/**
 * An error whose name is what the runtime calls it.
 * @param {string} name
 * @param {string} message
 */
export function named(name, message) {
  return Object.assign(new Error(message), { name });
}
