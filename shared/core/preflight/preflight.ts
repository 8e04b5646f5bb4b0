/**
 * The preflight of a deployment: every check and the consent to what has changed, as the planner
 * takes them. It reads nothing and writes nothing.
 */
import type { Estate } from '../estate.ts';
import type { DeploymentSpec } from '../spec.ts';
import type { IsoInstant } from '../units.ts';
import { runChecks, sentencesOf } from './checks.ts';
import {
  askConsent,
  compareFootprints,
  type Difference,
  type Footprint,
  footprintOf,
  type LastRelease,
} from './consent.ts';
import type { Finding } from './finding.ts';

/** What a plan keeps of its preflight; absent in plans that were made without one. */
export interface PlannedPreflight {
  /** What stops nothing and should be known, in sentences. */
  readonly warnings?: readonly string[];
  /** What could not be found out beforehand, in sentences. */
  readonly unknowns?: readonly string[];
  /** Where and as what green is to run; the next release is compared with it. */
  readonly footprint?: Footprint;
  /** Changes since the last release that the request agreed to; empty when nothing has changed. */
  readonly consented?: readonly Difference[];
}

/** A preflight's answer: what refuses the plan, and what the plan keeps. */
export interface Preflight {
  readonly complaints: readonly string[];
  readonly kept: PlannedPreflight;
}

/** Runs it. Without image, group or surroundings there is nothing to check. */
export function runPreflight(input: {
  readonly spec: DeploymentSpec;
  readonly estate: Estate;
  /** Instances that green is to have. */
  readonly greenCapacity: number;
  readonly now: IsoInstant;
  readonly lastRelease: LastRelease | undefined;
}): Preflight {
  const { spec, estate, greenCapacity, now, lastRelease } = input;
  const { image, group, surroundings } = estate;
  if (!image || !group || !surroundings) return { complaints: [], kept: {} };
  const findings = runChecks({ spec, image, group, surroundings, greenCapacity, now });
  const footprint = footprintOf(surroundings, group, greenCapacity);
  const differences = lastRelease ? compareFootprints(lastRelease.footprint, footprint) : [];
  const asked: readonly Finding[] = lastRelease
    ? askConsent(differences, spec.consent ?? [], lastRelease.deploymentId)
    : [];
  return {
    complaints: [...sentencesOf(findings, 'complaint'), ...sentencesOf(asked, 'complaint')],
    kept: {
      warnings: sentencesOf(findings, 'warning'),
      unknowns: sentencesOf(findings, 'unknown'),
      footprint,
      consented: differences,
    },
  };
}
