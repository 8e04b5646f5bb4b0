/**
 * The rules between minimum, maximum and desired capacity.
 */
import { constraintViolated, validationError } from './errors.ts';

/** A group's sizes in instances, by AWS's own names. */
export interface Sizes {
  readonly MinSize: number;
  readonly MaxSize: number;
  readonly DesiredCapacity: number;
}

type GivenSizes = { readonly [Member in keyof Sizes]?: number | undefined };

/** Sizes of a new group. @throws AwsError ValidationError */
export function newSizes(given: GivenSizes): Sizes {
  const MinSize = given.MinSize ?? 0;
  const MaxSize = given.MaxSize ?? 0;
  return checkedSizes({ MinSize, MaxSize, DesiredCapacity: given.DesiredCapacity ?? MinSize });
}

/**
 * Sizes after an update: a desired capacity that was not given is pulled between new bounds.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html
 * @throws AwsError ValidationError
 */
export function updatedSizes(current: Sizes, given: GivenSizes): Sizes {
  const MinSize = given.MinSize ?? current.MinSize;
  const MaxSize = given.MaxSize ?? current.MaxSize;
  const pulled = Math.min(Math.max(current.DesiredCapacity, MinSize), MaxSize);
  return checkedSizes({ MinSize, MaxSize, DesiredCapacity: given.DesiredCapacity ?? pulled });
}

/** @throws AwsError ValidationError when a wanted capacity is outside the group's bounds */
export function checkDesired(sizes: Sizes, desired: number): void {
  requireCount('desiredCapacity', desired);
  const [bound, value] =
    desired > sizes.MaxSize
      ? ['above max', sizes.MaxSize]
      : desired < sizes.MinSize
        ? ['below min', sizes.MinSize]
        : [undefined, 0];
  if (bound === undefined) return;
  throw validationError(
    `New SetDesiredCapacity value ${desired} is ${bound} value ${value} for the AutoScalingGroup.`,
  );
}

function checkedSizes(sizes: Sizes): Sizes {
  const { MinSize: min, MaxSize: max, DesiredCapacity: desired } = sizes;
  requireCount('minSize', min);
  requireCount('maxSize', max);
  requireCount('desiredCapacity', desired);
  if (min > max) {
    throw validationError(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`);
  }
  if (desired < min || desired > max) {
    throw validationError(
      `Desired capacity:${desired} must be between the specified min size:${min} and ` +
        `max size:${max}`,
    );
  }
  return sizes;
}

function requireCount(member: string, value: number): void {
  if (Number.isInteger(value) && value >= 0) return;
  throw constraintViolated(value, member, 'Member must have value greater than or equal to 0');
}
