/**
 * Which ARNs an operation on alarms touches.
 * Not for: deciding whether a caller may.
 * @source https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
 */
import { arn } from '../../kernel/kernel.ts';
import type { Permission } from '../../kernel/service.ts';
import type { AlarmBook } from './alarm-book.ts';

/** One permission for each alarm, with its tags, so that conditions on tags can be checked. */
export function alarmPermissions(
  book: AlarmBook,
  action: string,
  names: readonly string[],
): readonly Permission[] {
  return names.map((name) => ({
    action,
    resources: [arn('cloudwatch', `alarm:${name}`)],
    context: Object.fromEntries(
      [...(book.find(name)?.tags ?? [])].map(([key, value]) => [`aws:ResourceTag/${key}`, value]),
    ),
  }));
}
