/**
 * The service that a path names, and what a body may say of it besides.
 */
import { SpecRefused } from '../shared/core/errors.ts';

/**
 * Lets a body be silent about the service, or agree with the path.
 * @throws SpecRefused where it names another one
 */
export function refuseOtherService(
  sent: Readonly<Record<string, unknown>>,
  service: string,
  what: string,
): void {
  if (!('service' in sent) || sent['service'] === service) return;
  const message = `must be ${service}, as in the path, or be left out`;
  throw new SpecRefused(`The ${what} was refused: service: ${message}.`, {
    facts: { issues: [{ path: 'service', pointer: '/service', message }] },
  });
}
