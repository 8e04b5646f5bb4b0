/**
 * Who there is in the region's account: an administrator who may do everything, roles with their
 * policies, and the credentials that were given out for them.
 * Not for: users, groups, federation, and sessions that end by time.
 */
import { randomBytes } from 'node:crypto';
import { AwsError } from '../kernel/aws-error.ts';
import type { Credentials, Identities } from '../kernel/contracts.ts';
import { ACCOUNT_ID, REGION_NAME } from '../kernel/kernel.ts';
import type { Caller, Permission } from '../kernel/service.ts';
import type { Context } from './condition.ts';
import { compilePolicy, rule } from './policy.ts';
import type { Statement } from './policy.ts';

/** Credentials as the region keeps them. */
export interface Credential {
  readonly caller: Caller;
  readonly secretAccessKey: string;
}

/** The first resource of a permission that a caller is not allowed to touch. */
export interface Denial {
  readonly resource: string;
  /** True when a statement denies it, false when none allows it. */
  readonly explicit: boolean;
}

/** IAM as the endpoint needs it. */
export interface IdentityStore extends Identities {
  /** Credentials that may do everything. */
  readonly administrator: Credentials;
  /** Gives out session credentials for a caller whose identity is already settled. */
  issue(caller: Caller): Credentials;
  /** Undefined when the key was never given out or belongs to another session token. */
  find(accessKeyId: string, sessionToken: string | undefined): Credential | undefined;
  /** Undefined when the caller has the permission; callers without a role have every one. */
  denial(caller: Caller, permission: Permission): Denial | undefined;
  /** Actions that a role asked for and was allowed, such as `elasticloadbalancing:ModifyRule`. */
  usedActions(roleArn: string): ReadonlySet<string>;
}

/** Sessions that are remembered; of more, the oldest count as expired. */
const SESSIONS_KEPT = 10_000;

/** Bytes of a secret access key before base64: AWS's have 40 characters. */
const SECRET_BYTES = 30;

interface Role {
  readonly trust: readonly string[];
  readonly statements: readonly Statement[];
}

/** Starts with an administrator and no roles. `administrator` fixes its credentials. */
export function createIdentities(options: { administrator?: Credentials } = {}): IdentityStore {
  const administrator = options.administrator ?? {
    accessKeyId: accessKeyId('AKIA', 0),
    secretAccessKey: randomBytes(SECRET_BYTES).toString('base64'),
  };
  const roles = new Map<string, Role>();
  const sessions = createSessions();
  const used = new Map<string, Set<string>>();

  const denial = (caller: Caller, permission: Permission): Denial | undefined => {
    const { roleArn } = caller;
    if (roleArn === undefined) return undefined;
    const statements = roles.get(roleArn)?.statements ?? [];
    const context = contextOf(permission, roleArn);
    for (const resource of permission.resources) {
      const ruling = rule(statements, { action: permission.action, resource, context });
      if (ruling !== 'allowed') return { resource, explicit: ruling === 'deniedExplicitly' };
    }
    used.set(roleArn, (used.get(roleArn) ?? new Set()).add(permission.action));
    return undefined;
  };

  return {
    administrator,
    addRole: ({ arn, trust, policies }) => {
      roleName(arn);
      roles.set(arn, { trust: [...trust], statements: policies.flatMap(compilePolicy) });
    },
    assume: ({ roleArn, principal, sessionName }) => {
      if (!roles.get(roleArn)?.trust.includes(principal)) {
        throw new AwsError(
          'AccessDenied',
          `User: ${principal} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
          { httpStatus: 403 },
        );
      }
      return sessions.issue(sessionOf(roleArn, sessionName));
    },
    isAllowed: (roleArn, permission) =>
      denial(sessionOf(roleArn, 'question'), permission) === undefined,
    denial,
    usedActions: (roleArn) => used.get(roleArn) ?? new Set(),
    issue: sessions.issue,
    find: (key, sessionToken) => {
      if (key !== administrator.accessKeyId) return sessions.find(key, sessionToken);
      if (sessionToken !== administrator.sessionToken) return undefined;
      return { caller: ADMINISTRATOR, secretAccessKey: administrator.secretAccessKey };
    },
  };
}

const ADMINISTRATOR: Caller = {
  arn: `arn:aws:iam::${ACCOUNT_ID}:user/administrator`,
  label: 'administrator',
};

/** A caller in a session of a role, as `sts:GetCallerIdentity` would show it. */
export function sessionOf(roleArn: string, sessionName: string): Caller {
  return {
    arn: `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${roleName(roleArn)}/${sessionName}`,
    roleArn,
    label: sessionName,
  };
}

/** Name of a role without its path. @throws AwsError ValidationError when it is no role's ARN */
function roleName(roleArn: string): string {
  const [, name] = /^arn:aws:iam::\d{12}:role\/(?:.*\/)?([\w+=,.@-]{1,64})$/.exec(roleArn) ?? [];
  if (!name) throw new AwsError('ValidationError', `${roleArn} is invalid`);
  return name;
}

/** A key like those of AWS. The number makes it unique; it is no secret. */
function accessKeyId(prefix: 'AKIA' | 'ASIA', number: number): string {
  return prefix + number.toString(32).toUpperCase().padStart(16, '0');
}

function createSessions() {
  interface Session extends Credential {
    readonly sessionToken: string;
  }
  const sessions = new Map<string, Session>();
  let issued = 0;
  return {
    issue: (caller: Caller): Credentials => {
      issued += 1;
      const id = accessKeyId('ASIA', issued);
      const secretAccessKey = randomBytes(SECRET_BYTES).toString('base64');
      const sessionToken = randomBytes(SECRET_BYTES).toString('base64');
      sessions.set(id, { caller, secretAccessKey, sessionToken });
      const [oldest] = sessions.keys();
      if (sessions.size > SESSIONS_KEPT && oldest) sessions.delete(oldest);
      return { accessKeyId: id, secretAccessKey, sessionToken };
    },
    find: (id: string, sessionToken: string | undefined): Credential | undefined => {
      const session = sessions.get(id);
      return session?.sessionToken === sessionToken ? session : undefined;
    },
  };
}

/** What the operation says of the request, and what is true of every request. */
function contextOf(permission: Permission, roleArn: string): Context {
  const context = new Map<string, readonly string[]>([
    ['aws:principalarn', [roleArn]],
    ['aws:principalaccount', [ACCOUNT_ID]],
    ['aws:resourceaccount', [ACCOUNT_ID]],
    ['aws:requestedregion', [REGION_NAME]],
  ]);
  for (const [key, value] of Object.entries(permission.context ?? {})) {
    context.set(key.toLowerCase(), typeof value === 'string' ? [value] : value);
  }
  return context;
}
