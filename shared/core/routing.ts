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
  z.describe('The listener of the Application Load Balancer that stands by.'),
  z.regex(/^arn:[^:]+:elasticloadbalancing:[^:]+:\d+:listener\/app\/[^/]+\/[^/]+\/[^/]+$/, {
    error: 'must be the ARN of a listener of an Application Load Balancer',
  }),
);

/**
 * Weighted records of one name in Route 53, each of which leads to a load balancer of its own. Blue
 * and green change places after every success, and Teal writes that into the definition.
 */
export const routingSchema = z
  .strictObject({
    type: z.literal('route53'),
    hostedZoneId: z
      .string()
      .check(
        z.regex(/^[A-Z0-9]{1,32}$/, { error: 'must look like Z0123456789ABCDEFGHIJ' }),
        z.describe('The public zone.'),
      ),
    recordName: z
      .string()
      .check(
        z.minLength(1),
        z.maxLength(RECORD_NAME_LENGTH_MAX),
        z.describe('The name; its A, AAAA or CNAME records move together.'),
      ),
    blueSetIdentifier: setIdentifier.check(
      z.describe('The weighted record of the side that serves now; the two change places.'),
    ),
    greenSetIdentifier: setIdentifier.check(
      z.describe("What the other side's record is called; Teal makes it and takes it away."),
    ),
    greenListenerArn,
    greenHealthCheckId: z.optional(
      z
        .string()
        .check(
          z.minLength(1),
          z.maxLength(64),
          z.describe("Health check of the other side's record; needed where blue's has one."),
        ),
    ),
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
