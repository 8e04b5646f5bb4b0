/**
 * Service Quotas, as far as asking for the quotas of vCPUs. They are those that EC2 refuses by.
 * Not for: other quotas, requests for more, templates; what is not here is refused.
 */
import type {
  GetServiceQuotaCommandInput,
  MetricInfo,
  ServiceQuota,
} from '@aws-sdk/client-service-quotas';
import { AwsError } from '../../kernel/aws-error.ts';
import { arn, type Kernel } from '../../kernel/kernel.ts';
import { operation, type Service } from '../../kernel/service.ts';
import { type VcpuQuota, vcpuQuotaWithCode } from './vcpu-quotas.ts';

/** The service code of EC2, and what it is called. */
const EC2 = { ServiceCode: 'ec2', ServiceName: 'Amazon Elastic Compute Cloud (Amazon EC2)' };

/** Builds the service over the region's quotas. */
export function createServiceQuotas(kernel: Kernel): { readonly service: Service } {
  return {
    service: {
      name: 'service-quotas',
      operations: {
        // @source https://docs.aws.amazon.com/service-authorization/latest/reference/list_servicequotas.html
        GetServiceQuota: operation(
          (_input: GetServiceQuotaCommandInput) => [
            { action: 'servicequotas:GetServiceQuota', resources: ['*'] },
          ],
          ({ ServiceCode = '', QuotaCode = '', ContextId }) => {
            if (ContextId !== undefined) {
              throw new AwsError('NotImplemented', 'The region has no quotas of one resource.', {
                httpStatus: 501,
              });
            }
            const quota =
              ServiceCode === EC2.ServiceCode ? vcpuQuotaWithCode(QuotaCode) : undefined;
            if (!quota) throw noSuchQuota(ServiceCode, QuotaCode);
            return { Quota: describe(quota, quota.value(kernel.quotas)) };
          },
        ),
      },
    },
  };
}

/** @source https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html */
function noSuchQuota(service: string, code: string): AwsError {
  return new AwsError(
    'NoSuchResourceException',
    `The request failed because the specified quota ${code} does not exist for service ${service}.`,
  );
}

function describe({ code, name, usageClass }: VcpuQuota, value: number): ServiceQuota {
  return {
    ...EC2,
    QuotaArn: arn('servicequotas', `${EC2.ServiceCode}/${code}`),
    QuotaCode: code,
    QuotaName: name,
    Value: value,
    Unit: 'None',
    Adjustable: true,
    GlobalQuota: false,
    ...(usageClass !== undefined && { UsageMetric: toUsageMetric(usageClass) }),
    QuotaAppliedAtLevel: 'ACCOUNT',
  };
}

const toUsageMetric = (usageClass: string): MetricInfo => ({
  MetricNamespace: 'AWS/Usage',
  MetricName: 'ResourceCount',
  MetricDimensions: { Class: usageClass, Resource: 'vCPU', Service: 'EC2', Type: 'Resource' },
  MetricStatisticRecommendation: 'Maximum',
});
