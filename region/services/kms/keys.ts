/**
 * Keys of the account, as far as other services ask for them.
 */
import { arn, type Kernel } from '../../kernel/kernel.ts';

/** The states of a key that the region knows; only `Enabled` lets anybody use it. */
export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

/** One key. */
export interface KeyRecord {
  readonly id: string;
  readonly arn: string;
  /** `AWS` for keys that AWS makes for a service, such as `aws/ebs`. */
  readonly manager: 'AWS' | 'CUSTOMER';
  /** Whether Auto Scaling's service-linked role has a grant. */
  readonly isGrantedToAutoScaling: boolean;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  state: KeyState;
}

/** What a key is made of; nothing has to be given. */
export type KeySeed = Partial<Pick<KeyRecord, 'manager' | 'state' | 'isGrantedToAutoScaling'>>;

/** Every key, with what EC2 asks when a volume is made. */
export interface Keys {
  /** Adds a key and answers its ARN; what CreateKey and a grant would do. */
  add(seed?: KeySeed): string;
  /** @throws Error for a key that was never added */
  setState(keyArn: string, state: KeyState): void;
  /** By id or ARN; undefined when there is none. */
  find(keyId: string): KeyRecord | undefined;
  /** Whether Auto Scaling can make volumes with a key. */
  isUsable(keyId: string): boolean;
}

/** Starts without keys. */
export function createKeys(kernel: Kernel): Keys {
  const keys = new Map<string, KeyRecord>();
  const find = (keyId: string) =>
    [...keys.values()].find((key) => key.id === keyId || key.arn === keyId);
  return {
    add: ({ manager = 'CUSTOMER', state = 'Enabled', isGrantedToAutoScaling = true } = {}) => {
      const id = [8, 4, 4, 4, 12].map((digits) => kernel.hex(digits)).join('-');
      const key = { id, arn: arn('kms', `key/${id}`), manager, isGrantedToAutoScaling };
      keys.set(id, { ...key, state, createdAt: kernel.clock.now() });
      return key.arn;
    },
    setState: (keyArn, state) => {
      const key = find(keyArn);
      if (!key) throw new Error(`There is no key ${keyArn}.`);
      key.state = state;
    },
    find,
    isUsable: (keyId) => {
      const key = find(keyId);
      return key?.state === 'Enabled' && (key.manager === 'AWS' || key.isGrantedToAutoScaling);
    },
  };
}
