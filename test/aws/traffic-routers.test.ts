/** Every kind of traffic that Teal can shift keeps the same contract; a new kind is one line here. */
import {
  makeDefaultAction,
  makeNetworkLoadBalancer,
  makeRoute53,
  makeRules,
} from './router-worlds.ts';
import { describeTrafficRouter } from './traffic-router.contract.ts';

describeTrafficRouter({ name: "a listener's default action", make: makeDefaultAction });
describeTrafficRouter({ name: 'rules and default actions of two listeners', make: makeRules });
describeTrafficRouter({ name: 'a network load balancer', make: makeNetworkLoadBalancer });
describeTrafficRouter({ name: 'weighted records', make: makeRoute53 });
