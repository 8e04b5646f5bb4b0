/** Whose rules are refused: of those who write to them by themselves, and of nobody else. */
import { describe, expect, it } from 'vitest';
import { controllerOf } from '../../shared/core/route-controllers.ts';

const tag = (key: string, value = '') => ({ key, value });

describe('a rule', () => {
  it.each([
    ['elbv2.k8s.aws/cluster', 'the AWS Load Balancer Controller'],
    ['ingress.k8s.aws/stack', 'the AWS Load Balancer Controller'],
    ['kubernetes.io/cluster/shop', 'Kubernetes'],
    ['AmazonECSManaged', 'Amazon ECS'],
    ['aws:ecs:serviceName', 'Amazon ECS'],
    ['elasticbeanstalk:environment-name', 'Elastic Beanstalk'],
  ])('with the tag %s belongs to %s', (key, controller) => {
    expect(controllerOf([tag('team', 'web'), tag(key)])).toBe(controller);
  });

  it('that a tool made once, when somebody ran it, may be shifted', () => {
    const made = [tag('aws:cloudformation:stack-name', 'web'), tag('ManagedBy', 'terraform')];
    expect(controllerOf([...made, tag('AmazonECSManagedByHand')])).toBeUndefined();
    expect(controllerOf([])).toBeUndefined();
  });
});
