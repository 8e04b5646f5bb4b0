/**
 * HTTP APIs: API, stage, integration, route.
 * Not for: WebSocket APIs, authorizers, deployments, domains and CORS, which are refused.
 */
import { TemplateProblem } from '../problem.ts';
import type { Reader } from '../reader.ts';
import type { ResourceType } from '../resource-type.ts';

/**
 * The types by their names in a template.
 * @source https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html
 */
export const API_GATEWAY_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::ApiGatewayV2::Api': {
    required: ['Name', 'ProtocolType'],
    optional: [],
    inert: ['Description', 'Tags'],
    create: async (read, { targets }) => {
      expect(read, 'ProtocolType', 'HTTP');
      const { apiId, endpoint } = await targets.addApi({ name: read.text('Name') });
      return { ref: apiId, attributes: { ApiId: apiId, ApiEndpoint: endpoint } };
    },
  },
  'AWS::ApiGatewayV2::Stage': {
    required: ['ApiId', 'StageName'],
    optional: ['AutoDeploy'],
    inert: ['Description', 'Tags', 'DefaultRouteSettings', 'AccessLogSettings'],
    create: (read, { targets }) => {
      if (read.optionalFlag('AutoDeploy') !== true) {
        throw new TemplateProblem(`${read.label}: a stage without AutoDeploy has no deployment.`);
      }
      const stageName = read.text('StageName');
      targets.addStage({ apiId: read.text('ApiId'), stageName });
      return { ref: stageName };
    },
  },
  'AWS::ApiGatewayV2::Integration': {
    required: ['ApiId', 'IntegrationType', 'IntegrationUri', 'PayloadFormatVersion'],
    optional: ['TimeoutInMillis'],
    inert: ['Description', 'IntegrationMethod'],
    create: (read, { targets }) => {
      const timeoutMilliseconds = read.optionalNumber('TimeoutInMillis');
      const { integrationId } = targets.addIntegration({
        apiId: read.text('ApiId'),
        integrationType: read.text('IntegrationType'),
        integrationUri: read.text('IntegrationUri'),
        payloadFormatVersion: read.text('PayloadFormatVersion'),
        ...(timeoutMilliseconds !== undefined && { timeoutMilliseconds }),
      });
      return { ref: integrationId, attributes: { IntegrationId: integrationId } };
    },
  },
  'AWS::ApiGatewayV2::Route': {
    required: ['ApiId', 'RouteKey', 'Target'],
    optional: ['AuthorizationType'],
    inert: ['OperationName'],
    create: (read, { targets }) => {
      const authorizationType = read.optionalText('AuthorizationType');
      const { routeId } = targets.addRoute({
        apiId: read.text('ApiId'),
        routeKey: read.text('RouteKey'),
        integrationId: read.text('Target').replace(/^integrations\//, ''),
        ...(authorizationType !== undefined && { authorizationType }),
      });
      return { ref: routeId, attributes: { RouteId: routeId } };
    },
  },
};

function expect(read: Reader, name: string, value: string): void {
  if (read.text(name) === value) return;
  throw new TemplateProblem(`${read.label}: ${name} must be ${value}, not ${read.text(name)}.`);
}
