/**
 * Which services the region speaks, in which protocols, and the shapes of their operations, taken
 * from the schemas that the SDK's clients publish.
 * Not for: limits, patterns and enumerations of values. The schemas have none; services check them.
 */
import * as autoScaling from '@aws-sdk/client-auto-scaling';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elasticLoadBalancing from '@aws-sdk/client-elastic-load-balancing-v2';
import * as eventbridge from '@aws-sdk/client-eventbridge';
import * as imageBuilder from '@aws-sdk/client-imagebuilder';
import * as kms from '@aws-sdk/client-kms';
import * as lambda from '@aws-sdk/client-lambda';
import * as route53 from '@aws-sdk/client-route-53';
import * as serviceQuotas from '@aws-sdk/client-service-quotas';
import * as sfn from '@aws-sdk/client-sfn';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as ssm from '@aws-sdk/client-ssm';
import * as sts from '@aws-sdk/client-sts';
import { NormalizedSchema } from '@smithy/core/schema';
import type { ServiceName } from '../kernel/service.ts';

/** A shape of the Smithy model, with its traits. */
export type Shape = NormalizedSchema;

/** A protocol of AWS, by the last part of its Smithy id. */
export type Protocol = 'awsQuery' | 'ec2Query' | 'awsJson' | 'restJson1' | 'restXml' | 'rpcv2Cbor';

/** One operation as the service's own schema describes it. */
export interface OperationModel {
  readonly name: string;
  readonly input: Shape;
  readonly output: Shape;
  /** Method, path template and status of success; only services with a REST protocol use it. */
  readonly http?: readonly [method: string, template: string, status: number];
}

/** One error of a service, with what each protocol says of it. */
export interface ErrorModel {
  /** Name of the shape, such as `TargetGroupNotFoundException`. */
  readonly name: string;
  /** Name that the Query protocol gives it, such as `TargetGroupNotFound`. */
  readonly queryCode: string;
  readonly queryStatus?: number;
  readonly httpStatus?: number;
  readonly shape: Shape;
}

/** One service: how calls to it are told apart, read and answered. */
export interface ServiceModel {
  readonly name: ServiceName;
  /** Name in the scope of a signature, such as `elasticloadbalancing`. */
  readonly signingName: string;
  readonly protocols: readonly Protocol[];
  /** First part of `x-amz-target`, and the service's name in RPC v2 paths. */
  readonly target: string;
  readonly version: string;
  /** Namespace of the XML answers; absent for services that have none. */
  readonly xmlNamespace?: string;
  readonly operations: ReadonlyMap<string, OperationModel>;
  /** By the name of the shape and by the code of the Query protocol. */
  readonly errors: ReadonlyMap<string, ErrorModel>;
}

type Protocols = Omit<ServiceModel, 'name' | 'operations' | 'errors'> & { readonly module: object };

/** The protocols as AWS's service models list them, besides the one that the SDK prefers. */
const SERVICES: Readonly<Record<ServiceName, Protocols>> = {
  'auto-scaling': {
    module: autoScaling,
    signingName: 'autoscaling',
    protocols: ['awsQuery'],
    target: 'AutoScaling_2011_01_01',
    version: '2011-01-01',
    xmlNamespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
  },
  cloudwatch: {
    module: cloudwatch,
    signingName: 'monitoring',
    protocols: ['awsJson', 'rpcv2Cbor', 'awsQuery'],
    target: 'GraniteServiceVersion20100801',
    version: '2010-08-01',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
  },
  dynamodb: {
    module: dynamodb,
    signingName: 'dynamodb',
    protocols: ['awsJson'],
    target: 'DynamoDB_20120810',
    version: '2012-08-10',
  },
  ec2: {
    module: ec2,
    signingName: 'ec2',
    protocols: ['ec2Query'],
    target: 'AmazonEC2',
    version: '2016-11-15',
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15',
  },
  'elastic-load-balancing-v2': {
    module: elasticLoadBalancing,
    signingName: 'elasticloadbalancing',
    protocols: ['awsQuery'],
    target: 'ElasticLoadBalancing_v10',
    version: '2015-12-01',
    xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
  },
  eventbridge: {
    module: eventbridge,
    signingName: 'events',
    protocols: ['awsJson'],
    target: 'AWSEvents',
    version: '2015-10-07',
  },
  imagebuilder: {
    module: imageBuilder,
    signingName: 'imagebuilder',
    protocols: ['restJson1'],
    target: 'imagebuilder',
    version: '2019-12-02',
  },
  kms: {
    module: kms,
    signingName: 'kms',
    protocols: ['awsJson'],
    target: 'TrentService',
    version: '2014-11-01',
  },
  lambda: {
    module: lambda,
    signingName: 'lambda',
    protocols: ['restJson1'],
    target: 'AWSGirApiService',
    version: '2015-03-31',
  },
  'route-53': {
    module: route53,
    signingName: 'route53',
    protocols: ['restXml'],
    target: 'AWSDnsV20130401',
    version: '2013-04-01',
    xmlNamespace: 'https://route53.amazonaws.com/doc/2013-04-01/',
  },
  'service-quotas': {
    module: serviceQuotas,
    signingName: 'servicequotas',
    protocols: ['awsJson'],
    target: 'ServiceQuotasV20190624',
    version: '2019-06-24',
  },
  sfn: {
    module: sfn,
    signingName: 'states',
    protocols: ['awsJson'],
    target: 'AWSStepFunctions',
    version: '2016-11-23',
  },
  sns: {
    module: sns,
    signingName: 'sns',
    protocols: ['awsQuery'],
    target: 'AmazonSimpleNotificationService',
    version: '2010-03-31',
    xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
  },
  sqs: {
    module: sqs,
    signingName: 'sqs',
    protocols: ['awsJson'],
    target: 'AmazonSQS',
    version: '2012-11-05',
  },
  ssm: {
    module: ssm,
    signingName: 'ssm',
    protocols: ['awsJson'],
    target: 'AmazonSSM',
    version: '2014-11-06',
  },
  sts: {
    module: sts,
    signingName: 'sts',
    protocols: ['awsQuery'],
    target: 'AWSSecurityTokenServiceV20110615',
    version: '2011-06-15',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  },
};

/** First element of an operation's tuple in the clients' schemas. */
const OPERATION = 9;
/** First element of an error's tuple in the clients' schemas. */
const ERROR = -3;

/** The models of all services that the region speaks. */
export const serviceModels: readonly ServiceModel[] = Object.entries(SERVICES).map(
  ([name, { module, ...protocols }]) => ({
    name: name as ServiceName,
    ...protocols,
    operations: new Map(tuples(module, OPERATION).map(readOperation)),
    errors: new Map(tuples(module, ERROR).flatMap(readError)),
  }),
);

const modelsByName = new Map(serviceModels.map((model) => [model.name, model]));

/** The model of one service. */
export function serviceModel(name: ServiceName): ServiceModel {
  const model = modelsByName.get(name);
  if (!model) throw new Error(`There is no model of the service "${name}".`);
  return model;
}

type Tuple = readonly [number, string, string, unknown, ...unknown[]];

function tuples(module: object, kind: number): readonly Tuple[] {
  return Object.values(module).filter(
    (value): value is Tuple => Array.isArray(value) && value[0] === kind,
  );
}

function shapeOf(reference: unknown): Shape {
  return NormalizedSchema.of(reference as Parameters<typeof NormalizedSchema.of>[0]);
}

function readOperation([, , name, traits, input, output]: Tuple): [string, OperationModel] {
  const { http } = (traits || {}) as { http?: OperationModel['http'] };
  return [name, { name, input: shapeOf(input), output: shapeOf(output), ...(http && { http }) }];
}

function readError(tuple: Tuple): [string, ErrorModel][] {
  const [, , name, traits] = tuple;
  const { awsQueryError, httpError } = (traits || {}) as {
    awsQueryError?: readonly [string, number];
    httpError?: number;
  };
  const error: ErrorModel = {
    name,
    queryCode: awsQueryError?.[0] ?? name,
    ...(awsQueryError && { queryStatus: awsQueryError[1] }),
    ...(httpError && { httpStatus: httpError }),
    shape: shapeOf(tuple),
  };
  return [
    [error.name, error],
    [error.queryCode, error],
  ];
}
