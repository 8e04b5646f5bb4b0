/**
 * How a service says that a name's records split its traffic, and no load balancer does.
 * Not for: what the records and the two load balancers say now (see `standby.ts`).
 */
import * as z from 'zod/mini';

/**
 * Longest name of a record, and longest identifier of one among its siblings.
 * @source https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
 */
const RECORD_NAME_LENGTH_MAX = 255;
const SET_IDENTIFIER_LENGTH_MAX = 128;

const setIdentifier = z.string().check(z.minLength(1), z.maxLength(SET_IDENTIFIER_LENGTH_MAX));

const greenListenerArn = z.string().check(
  z.regex(/^arn:[^:]+:elasticloadbalancing:[^:]+:\d+:listener\/app\/[^/]+\/[^/]+\/[^/]+$/, {
    error: 'must be the ARN of a listener of an Application Load Balancer',
  }),
);

/**
 * Weighted records of one name in Route 53, each of which leads to a load balancer of its own. Blue
 * and green change places after every success, and Teal writes that into the definition.
 *
 * - `hostedZoneId`, `recordName`: the name, in a public zone.
 * - `blueSetIdentifier`: the record of the side that serves now.
 * - `greenSetIdentifier`: what the other side's record is called; there is none between deployments.
 * - `greenListenerArn`: the listener of the load balancer that stands by.
 * - `greenHealthCheckId`: health check of the other side's record. Needed where blue's record has one.
 */
export const routingSchema = z
  .strictObject({
    type: z.literal('route53'),
    hostedZoneId: z
      .string()
      .check(z.regex(/^[A-Z0-9]{1,32}$/, { error: 'must look like Z0123456789ABCDEFGHIJ' })),
    recordName: z.string().check(z.minLength(1), z.maxLength(RECORD_NAME_LENGTH_MAX)),
    blueSetIdentifier: setIdentifier,
    greenSetIdentifier: setIdentifier,
    greenListenerArn,
    greenHealthCheckId: z.optional(z.string().check(z.minLength(1), z.maxLength(64))),
  })
  .check(
    z.refine(
      ({ blueSetIdentifier, greenSetIdentifier }) => blueSetIdentifier !== greenSetIdentifier,
      {
        error: 'needs two different set identifiers',
      },
    ),
  );
export type Routing = z.infer<typeof routingSchema>;
