#!/usr/bin/env node
/** Starts the command line: checks the Node.js first, then loads the TypeScript. */
import './node-version.mjs';

const { register } = await import('tsx/esm/api');
register();
await import('./teal.ts');
