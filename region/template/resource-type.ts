/**
 * What the loader knows about one type of resource.
 * Not for: which types there are (see `types/`).
 */
import type { PolicyDocument } from '../kernel/contracts.ts';
import type { Reader } from './reader.ts';
import type { TemplateTargets } from './targets.ts';

/** A resource that has come into being. */
export interface Created {
  /** What `Ref` answers. */
  readonly ref: string;
  /** What `Fn::GetAtt` answers. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A role that was created, in case the template attaches further policies. */
export interface KnownRole {
  readonly arn: string;
  readonly trust: readonly string[];
  readonly policies: readonly PolicyDocument[];
}

/** What a resource may use while it is made. */
export interface Loading {
  readonly targets: TemplateTargets;
  readonly logicalId: string;
  /** A physical name for a resource that the template does not name; on a change the one it has. */
  readonly generateName: (lengthLimit: number) => string;
  /** Bytes of a packaged archive. @throws TemplateProblem when the package has none */
  readonly artifact: (key: string) => Uint8Array;
  /** Roles so far, by name. */
  readonly roles: Map<string, KnownRole>;
}

/** The properties of one type, and how it comes into being. All others are refused. */
export interface ResourceType {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Properties that change nothing in this region, and may be there; `any` for all. */
  readonly inert: readonly string[] | 'any';
  create(read: Reader, loading: Loading): Created | Promise<Created>;
  /** Changes it where it is, under the name it has; absent means that a change is refused. */
  readonly update?: (read: Reader, loading: Loading) => Created | Promise<Created>;
}
