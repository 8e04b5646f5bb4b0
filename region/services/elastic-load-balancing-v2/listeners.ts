/**
 * CreateListener, DescribeListeners, ModifyListener and DeleteListener. A listener's default
 * actions are the actions of its default rule, which is kept with the other rules.
 * Not for: rules with a priority (see `rules.ts`).
 */
import type {
  CreateListenerInput,
  CreateListenerOutput,
  DeleteListenerInput,
  DeleteListenerOutput,
  DescribeListenersInput,
  DescribeListenersOutput,
  Listener as Described,
  ModifyListenerInput,
  ModifyListenerOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isDeepStrictEqual } from 'node:util';
import { AwsError } from '../../kernel/aws-error.ts';
import { inRange, isOneOf } from '../constraints.ts';
import { completeActions, describeActions } from './actions.ts';
import { LISTENERS_PER_LOAD_BALANCER } from './limits.ts';
import type { Listener, LoadBalancer, Protocol, Rule } from './model.ts';
import { ID_DIGITS } from './names.ts';
import { operation, page } from './operations.ts';
import type { ControlPlane, Operations } from './operations.ts';
import { toChange, toCreate, toDescribe } from './permissions.ts';
import { notImplemented, refuseViolations, required, validationError } from './refusals.ts';
import type { Store } from './store.ts';
import { completeTags } from './tags.ts';

/** @source https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html */
const DEFAULT_SSL_POLICY = 'ELBSecurityPolicy-2016-08';

const PROTOCOLS = ['HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP', 'GENEVE', 'QUIC', 'TCP_QUIC'];

/** The listener operations. */
export function listenerOperations(plane: ControlPlane): Operations {
  const { store } = plane;
  return {
    CreateListener: operation<CreateListenerInput, CreateListenerOutput>(
      (input) => {
        const on = input.LoadBalancerArn ?? '';
        const created = `${on.replace(':loadbalancer/', ':listener/')}/*`;
        const action = 'CreateListener';
        return toCreate(store, { action, on, created, tags: input.Tags });
      },
      async (input) => {
        const listener = createListener(plane, input);
        await plane.announce(listener.arn);
        return { Listeners: [describe(store, listener)] };
      },
    ),
    DescribeListeners: operation<DescribeListenersInput, DescribeListenersOutput>(
      toDescribe('DescribeListeners'),
      (input) => {
        const { items, next } = page(select(store, input), input);
        return { Listeners: items.map((item) => describe(store, item)), ...next };
      },
    ),
    ModifyListener: operation<ModifyListenerInput, ModifyListenerOutput>(
      (input) => toChange(store, 'ModifyListener', [input.ListenerArn]),
      async (input) => {
        const listener = modifyListener(plane, input);
        await plane.announce(listener.arn);
        return { Listeners: [describe(store, listener)] };
      },
    ),
    DeleteListener: operation<DeleteListenerInput, DeleteListenerOutput>(
      (input) => toChange(store, 'DeleteListener', [input.ListenerArn]),
      async (input) => {
        await removeListener(plane, store.listener(input.ListenerArn).arn);
        return {};
      },
    ),
  };
}

/** Removes a listener with its rules and tells the data plane. */
export async function removeListener(plane: ControlPlane, listenerArn: string): Promise<void> {
  const { store } = plane;
  for (const rule of store.rulesOf(listenerArn)) {
    store.rules.delete(rule.arn);
    store.tags.delete(rule.arn);
  }
  store.listeners.delete(listenerArn);
  store.tags.delete(listenerArn);
  await plane.announce(listenerArn);
}

function createListener(plane: ControlPlane, input: CreateListenerInput): Listener {
  const { store, kernel } = plane;
  const loadBalancer = store.loadBalancer(input.LoadBalancerArn);
  const settings = completeSettings(input, loadBalancer);
  const tags = completeTags(input.Tags);
  const existing = listenersOf(store, loadBalancer.arn).find(({ port }) => port === settings.port);
  const site = { store, loadBalancer, protocol: settings.protocol, before: [] };
  const actions = completeActions(input.DefaultActions, site);
  if (existing) return unlessDifferent(store, existing, settings, actions);
  if (listenersOf(store, loadBalancer.arn).length >= LISTENERS_PER_LOAD_BALANCER) {
    throw new AwsError(
      'TooManyListeners',
      `The maximum number of listeners per load balancer '${LISTENERS_PER_LOAD_BALANCER}' has ` +
        `been reached on load balancer '${loadBalancer.arn}'`,
    );
  }
  const prefix = loadBalancer.arn.replace(':loadbalancer/', ':listener/');
  const arn = `${prefix}/${kernel.hex(ID_DIGITS)}`;
  const listener: Listener = { ...settings, arn, loadBalancerArn: loadBalancer.arn };
  const rule: Rule = {
    arn: `${arn.replace(':listener/', ':listener-rule/')}/${kernel.hex(ID_DIGITS)}`,
    listenerArn: arn,
    loadBalancerArn: loadBalancer.arn,
    priority: 'default',
    conditions: [],
    actions,
  };
  store.listeners.set(arn, listener);
  store.rules.set(rule.arn, rule);
  store.tags.set(arn, tags);
  store.tags.set(rule.arn, new Map());
  return listener;
}

type Settings = Omit<Listener, 'arn' | 'loadBalancerArn'>;

/** Creating the same listener twice is one listener; a different one on its port is refused. */
function unlessDifferent(
  store: Store,
  existing: Listener,
  settings: Settings,
  actions: Rule['actions'],
): Listener {
  const { arn: _arn, loadBalancerArn, ...before } = existing;
  const same =
    isDeepStrictEqual(before, settings) &&
    isDeepStrictEqual(store.defaultRuleOf(existing.arn).actions, actions);
  if (same) return existing;
  throw duplicate(loadBalancerArn);
}

function duplicate(loadBalancerArn: string): AwsError {
  return new AwsError(
    'DuplicateListener',
    `A listener already exists on this port for this load balancer '${loadBalancerArn}'`,
  );
}

type SettingsInput = Pick<
  CreateListenerInput,
  'Port' | 'Protocol' | 'SslPolicy' | 'Certificates' | 'MutualAuthentication' | 'AlpnPolicy'
>;

/** Protocols of each type's listeners, in the order in which AWS lists them. */
const PROTOCOLS_OF: Readonly<Record<LoadBalancer['type'], readonly string[]>> = {
  application: ['HTTPS', 'HTTP'],
  network: ['UDP', 'TCP', 'TCP_UDP', 'TLS'],
};

/** @throws AwsError ValidationError, NotImplemented */
function listenerProtocol(protocol: string, { type }: LoadBalancer): Protocol {
  if (!PROTOCOLS_OF[type].includes(protocol)) {
    const allowed = PROTOCOLS_OF[type].join(', ');
    throw validationError(`Listener protocol '${protocol}' must be one of '${allowed}'`);
  }
  if (protocol === 'UDP' || protocol === 'TCP_UDP') {
    throw notImplemented(`listeners of protocol '${protocol}'`);
  }
  return protocol as Protocol;
}

const isSecure = (protocol: string): boolean => protocol === 'HTTPS' || protocol === 'TLS';

function completeSettings(input: SettingsInput, loadBalancer: LoadBalancer): Settings {
  const port = required(input.Port, 'A listener port');
  const given = required(input.Protocol, 'A listener protocol');
  refuseViolations(
    inRange(port, 'port', { min: 1, max: 65_535 }),
    isOneOf(given, 'protocol', PROTOCOLS),
  );
  const protocol = listenerProtocol(given, loadBalancer);
  if (input.MutualAuthentication?.Mode && input.MutualAuthentication.Mode !== 'off') {
    throw notImplemented('mutual TLS authentication');
  }
  const certificates = input.Certificates ?? [];
  if (!isSecure(protocol)) {
    if (certificates.length > 0 || input.SslPolicy) {
      throw validationError(
        `A certificate or SSL policy cannot be specified for ${protocol} listeners`,
      );
    }
    return { port, protocol, certificates };
  }
  if (certificates.length !== 1) {
    throw validationError(`Exactly one certificate must be specified for ${protocol} listeners`);
  }
  return {
    port,
    protocol,
    certificates,
    sslPolicy: input.SslPolicy ?? DEFAULT_SSL_POLICY,
    ...(protocol === 'HTTPS' && { mutualAuthentication: { Mode: 'off' as const } }),
  };
}

function modifyListener(plane: ControlPlane, input: ModifyListenerInput): Listener {
  const { store } = plane;
  const before = store.listener(input.ListenerArn);
  const protocol = input.Protocol ?? before.protocol;
  const secure = isSecure(protocol);
  const loadBalancer = store.loadBalancer(before.loadBalancerArn);
  const changed = {
    Port: input.Port ?? before.port,
    Protocol: protocol,
    Certificates: input.Certificates ?? (secure ? [...before.certificates] : []),
    SslPolicy: input.SslPolicy ?? (secure ? before.sslPolicy : undefined),
    MutualAuthentication: input.MutualAuthentication,
  };
  const settings = completeSettings(changed, loadBalancer);
  const taken = listenersOf(store, before.loadBalancerArn).some(
    (other) => other.arn !== before.arn && other.port === settings.port,
  );
  if (taken) throw duplicate(before.loadBalancerArn);
  const rule = store.defaultRuleOf(before.arn);
  const after: Listener = { ...settings, arn: before.arn, loadBalancerArn: loadBalancer.arn };
  if (input.DefaultActions) {
    const actions = replaceActions(store, loadBalancer, settings, rule, input.DefaultActions);
    store.rules.set(rule.arn, { ...rule, actions });
  }
  store.listeners.set(after.arn, after);
  return after;
}

function replaceActions(
  store: Store,
  loadBalancer: LoadBalancer,
  { protocol }: Settings,
  rule: Rule,
  actions: ModifyListenerInput['DefaultActions'],
): Rule['actions'] {
  return completeActions(actions, { store, loadBalancer, protocol, before: rule.actions });
}

function listenersOf(store: Store, loadBalancerArn: string): Listener[] {
  return [...store.listeners.values()].filter(
    (listener) => listener.loadBalancerArn === loadBalancerArn,
  );
}

function select(store: Store, input: DescribeListenersInput): Listener[] {
  const { ListenerArns: arns, LoadBalancerArn: loadBalancerArn } = input;
  if (!arns?.length && loadBalancerArn === undefined) {
    throw validationError('You must specify either listener ARNs or a load balancer ARN');
  }
  if (arns?.length && loadBalancerArn !== undefined) {
    throw validationError(
      'Listener ARNs and a load balancer ARN cannot be specified at the same time',
    );
  }
  if (arns?.length) return arns.map((arn) => store.listener(arn));
  return listenersOf(store, store.loadBalancer(loadBalancerArn).arn);
}

function describe(store: Store, listener: Listener): Described {
  const secure: Described = isSecure(listener.protocol)
    ? {
        Certificates: [...listener.certificates],
        SslPolicy: listener.sslPolicy,
        ...(listener.mutualAuthentication && {
          MutualAuthentication: listener.mutualAuthentication,
        }),
      }
    : {};
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol,
    ...secure,
    DefaultActions: describeActions(store.defaultRuleOf(listener.arn).actions),
  };
}
