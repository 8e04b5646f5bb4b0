/**
 * The programs of a group's instances: which of them ended by themselves, and what they wrote.
 */
import { DescribeInstancesCommand, EC2Client, GetConsoleOutputCommand } from '@aws-sdk/client-ec2';
import type { Presenter } from './presenter.ts';
import type { RunningRegion } from './start-region.ts';

/** Last lines of a program that are worth showing. */
const LAST_LINES = 8;

/** A program on one instance. */
export interface ProgramReading {
  readonly instanceId: string;
  /** Whether it ended although nobody asked it to. */
  readonly endedByItself: boolean;
}

/** Reads the programs of all instances that an Auto Scaling group launched, newest last. */
export async function readPrograms(
  { region, settings }: RunningRegion,
  autoScalingGroupName: string,
): Promise<ProgramReading[]> {
  const described = await new EC2Client(settings).send(
    new DescribeInstancesCommand({
      Filters: [{ Name: 'tag:aws:autoscaling:groupName', Values: [autoScalingGroupName] }],
    }),
  );
  const instances = (described.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
  return instances.flatMap(({ InstanceId, State }) =>
    InstanceId === undefined
      ? []
      : {
          instanceId: InstanceId,
          // On AWS nobody but the instance knows; here the machine room does.
          endedByItself:
            State?.Name === 'running' && region.machines.exit(InstanceId) !== undefined,
        },
  );
}

/** The last lines of an instance's console output; empty when its program wrote nothing. */
export async function readLastWords(
  { settings }: RunningRegion,
  instanceId: string,
): Promise<string> {
  const { Output } = await new EC2Client(settings).send(
    new GetConsoleOutputCommand({ InstanceId: instanceId }),
  );
  const text = Buffer.from(Output ?? '', 'base64').toString('utf8');
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-LAST_LINES).join('\n');
}

/** Shows the last words of a version's program, once. */
export interface LastWords {
  /** Shows them when a program of the group ended by itself. */
  look(autoScalingGroupName: string): Promise<void>;
  /** Shows what the programs wrote, unless that was shown already. */
  show(autoScalingGroupName: string): Promise<void>;
}

/** Prepares to show what the programs of `version` write last. */
export function createLastWords(
  running: RunningRegion,
  presenter: Presenter,
  version: string,
): LastWords {
  let isShown = false;
  const quote = async (what: string, { instanceId }: ProgramReading): Promise<void> => {
    const words = await readLastWords(running, instanceId);
    if (isShown || words === '') return;
    isShown = true;
    presenter.line(`${what}, and wrote last:`);
    presenter.quote(words);
  };
  return {
    look: async (autoScalingGroupName) => {
      if (isShown) return;
      const programs = await readPrograms(running, autoScalingGroupName);
      const ended = programs.find(({ endedByItself }) => endedByItself);
      if (ended) await quote(`The program of ${version} ended on ${ended.instanceId}`, ended);
    },
    show: async (autoScalingGroupName) => {
      const [first] = await readPrograms(running, autoScalingGroupName);
      if (first) await quote(`The program of ${version} ran on ${first.instanceId}`, first);
    },
  };
}
