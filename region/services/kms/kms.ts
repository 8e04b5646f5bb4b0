/**
 * Key Management Service, as far as asking about a key.
 * Not for: cryptography, key policies, aliases and grants one by one.
 */
import type { DescribeKeyCommandInput, KeyMetadata } from '@aws-sdk/client-kms';
import { AwsError } from '../../kernel/aws-error.ts';
import { ACCOUNT_ID, arn } from '../../kernel/kernel.ts';
import { operation, type Service } from '../../kernel/service.ts';
import type { KeyRecord, Keys } from './keys.ts';

/** Builds the service over keys. */
export function createKms(keys: Keys): { readonly service: Service } {
  return {
    service: {
      name: 'kms',
      operations: {
        DescribeKey: operation(
          ({ KeyId }: DescribeKeyCommandInput) => [
            { action: 'kms:DescribeKey', resources: [toArn(KeyId ?? '')] },
          ],
          ({ KeyId }) => {
            const key = keys.find(KeyId ?? '');
            if (!key) {
              throw new AwsError('NotFoundException', `Key '${toArn(KeyId ?? '')}' does not exist`);
            }
            return { KeyMetadata: describe(key) };
          },
        ),
      },
    },
  };
}

function toArn(keyId: string): string {
  return keyId.startsWith('arn:') ? keyId : arn('kms', `key/${keyId}`);
}

function describe(key: KeyRecord): KeyMetadata {
  return {
    AWSAccountId: ACCOUNT_ID,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: new Date(key.createdAt),
    Enabled: key.state === 'Enabled',
    Description: '',
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: key.state,
    Origin: 'AWS_KMS',
    KeyManager: key.manager,
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
  };
}
