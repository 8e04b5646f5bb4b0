/**
 * Capacity Reservations: blue goes on holding its own while green needs the same again.
 */
import { count } from '../situation.ts';
import { admit, type Check, complain, warn } from './finding.ts';
import type { ReservationReading, ReservationWish } from './surroundings.ts';

/**
 * Complains where instances may be launched into reservations only and those have no room, warns
 * where what does not fit is launched beside them.
 * @source https://docs.aws.amazon.com/autoscaling/ec2/userguide/use-ec2-capacity-reservations.html
 */
export const checkReservations: Check = ({ surroundings, group, greenCapacity }) => {
  const { launch, reservations } = surroundings;
  const wish = launch.reservation;
  if (wish.resourceGroupArns.length > 0) {
    return [
      admit(
        `How much capacity is left in ${wish.resourceGroupArns.join(', ')} is not known: Teal does not read groups of reservations.`,
      ),
    ];
  }
  if (!wish.isRequired && wish.reservationIds.length === 0) return [];
  const usable = reservations.filter(
    (one) => isWished(wish, one) && (group.zones.length === 0 || group.zones.includes(one.zone)),
  );
  const available = usable.reduce((sum, { availableCount }) => sum + availableCount, 0);
  if (available >= greenCapacity) return [];
  const which = usable.map(({ reservationId }) => reservationId).join(', ') || 'none that fits';
  const sentence = `The capacity reservations (${which}) have room for ${count(available, 'instance')} while blue holds its own, and green needs ${greenCapacity}`;
  return wish.isRequired
    ? [complain(`${sentence}; enlarge them, or let the group launch outside of them.`)]
    : [warn(`${sentence}; the others are launched outside of them, if there is capacity.`)];
};

function isWished({ reservationIds }: ReservationWish, one: ReservationReading): boolean {
  return reservationIds.length > 0 ? reservationIds.includes(one.reservationId) : one.isOpen;
}
