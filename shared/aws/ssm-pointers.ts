/**
 * Pointers as parameters of Systems Manager, `<prefix>/<service>/<name>`: CloudFormation, Terraform
 * and shell scripts read them without knowing Teal.
 */
import {
  GetParametersByPathCommand,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { Pointers } from '../ports/pointers.ts';
import { call } from './call.ts';
import { readPages } from './pages.ts';

/**
 * Makes the pointers below a prefix such as `/teal`. They are compared before they are written:
 * Parameter Store takes three writes a second from a whole account.
 * @source https://docs.aws.amazon.com/general/latest/gr/ssm.html
 */
export function createPointers(client: SSMClient, prefix: string): Pointers {
  return {
    async publish(service, values, fence) {
      const path = `${prefix}/${service}`;
      const current = await readValues(client, path);
      for (const [name, value] of Object.entries(values)) {
        const Name = `${path}/${name}`;
        if (current.get(Name) === value) continue;
        const command = new PutParameterCommand({
          Name,
          Value: value,
          Type: 'String',
          Overwrite: true,
        });
        await fence();
        await call('PutParameter', Name, () => client.send(command));
      }
    },
  };
}

async function readValues(
  client: SSMClient,
  path: string,
): Promise<ReadonlyMap<string | undefined, string | undefined>> {
  const parameters = await readPages(async (NextToken) => {
    const command = new GetParametersByPathCommand({ Path: path, NextToken });
    const output = await call('GetParametersByPath', path, () => client.send(command));
    return { items: output.Parameters, next: output.NextToken };
  });
  return new Map(parameters.map(({ Name, Value }) => [Name, Value]));
}
