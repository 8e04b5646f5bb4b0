import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    // A test plays whole deployments, on whatever else the machine is doing.
    testTimeout: 120_000,
    // Nothing here keeps state in a module, so files of one worker may share what they import:
    // half of the suite's time went into importing the same clients 86 times.
    isolate: false,
    maxWorkers: '100%',
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
});
