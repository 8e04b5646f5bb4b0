/**
 * A version of every function that is a task, for serverless.yml. Running executions keep the
 * definition that they began with, and the definition names versions: a deployment that was under
 * way when Teal was upgraded ends with the code it began with.
 *
 * A version is a resource whose logical id has a digest of the function's code and configuration,
 * so that CloudFormation makes a new one exactly when there is something new, and retains the old.
 * Not for: functions that events or the API call; those always run the newest code.
 */
const { createHash } = require('node:crypto');
const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');

const ROOT = path.resolve(__dirname, '..');

/** Hex digits of a digest in a logical id: with 16 no two are alike by chance. */
const DIGEST_DIGITS = 16;

/** What a version freezes, and a function may leave to the provider. */
const INHERITED = ['architecture', 'environment', 'memorySize', 'runtime', 'timeout', 'tracing'];

/** What of a function's definition is no part of its configuration on AWS. */
const APART = ['events', 'destinations', 'package'];

/** JSON in which the order of members says nothing. */
function canonical(value) {
  return JSON.stringify(value, (_key, inner) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Digest of a function's bundle and of the configuration that AWS would freeze with it. */
function digest(definition, provider) {
  const bundle = path.join(ROOT, definition.handler.replace(/\.handler$/, '.mjs'));
  if (!existsSync(bundle)) {
    throw new Error(`There is no bundle ${bundle}: run "npm run build" first.`);
  }
  const own = Object.entries(definition).filter(([name]) => !APART.includes(name));
  const inherited = INHERITED.map((name) => [name, provider[name]]);
  const environment = { ...provider.environment, ...definition.environment };
  const configuration = { ...Object.fromEntries([...inherited, ...own]), environment };
  return createHash('sha256')
    .update(readFileSync(bundle))
    .update(canonical(configuration))
    .digest('hex')
    .slice(0, DIGEST_DIGITS);
}

/** Names of the tasks in the definition: of its placeholder `${HoldArn}`, `Hold`. */
function taskNames() {
  const definition = readFileSync(path.join(ROOT, 'statemachines/deploy.asl.json'), 'utf8');
  return [...new Set([...definition.matchAll(/\$\{(\w+)Arn\}/g)].map(([, name]) => name))];
}

/** Answers the template's resources, what the definition's placeholders stand for, and who may be called. */
module.exports = async ({ resolveConfigurationProperty }) => {
  const functions = await resolveConfigurationProperty(['functions']);
  const provider = await resolveConfigurationProperty(['provider']);
  const tasks = taskNames().map((name) => {
    const definition = functions[name[0].toLowerCase() + name.slice(1)];
    if (!definition) throw new Error(`The definition calls ${name}, which is no function.`);
    return {
      name,
      functionId: `${name}LambdaFunction`,
      versionId: `${name}Version${digest(definition, provider)}`,
    };
  });
  return {
    template: {
      Resources: Object.fromEntries(
        tasks.map(({ versionId, functionId }) => [
          versionId,
          {
            Type: 'AWS::Lambda::Version',
            DeletionPolicy: 'Retain',
            UpdateReplacePolicy: 'Retain',
            Properties: { FunctionName: { Ref: functionId } },
          },
        ]),
      ),
    },
    substitutions: Object.fromEntries(
      tasks.map(({ name, versionId }) => [`${name}Arn`, { Ref: versionId }]),
    ),
    // Versions of running executions included, whatever their numbers.
    invocable: tasks.map(({ functionId }) => ({ 'Fn::Sub': `\${${functionId}.Arn}:*` })),
  };
};
