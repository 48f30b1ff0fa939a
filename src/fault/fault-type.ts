import type { z } from 'zod';
import type { Random } from '../clock.ts';
import type { Cluster, ClusterObject, PatchType, PermissionNeed, Ref } from '../cluster/cluster.ts';
import type { OurPodSettings } from '../cluster/our-pod.ts';
import type { Operation, OperationDraft } from './operation.ts';
import type { Claim } from './types/shared/claim.ts';

/** One kind of thing a scenario can break. One file each in src/fault/types; src/fault/types/registry.ts lists them. */
export interface FaultType<Spec = unknown> {
  /** The key in a scenario's fault: `load`, `upstream` … */
  type: string;
  /** What the key holds. Its descriptions become the generated page. */
  schema: z.ZodType<Spec>;
  /** The operations that make it true, in order. Reads the cluster where it must, never writes. */
  compile(spec: Spec, context: CompileContext): Promise<OperationDraft[]>;
  /** What applying and reverting it asks of RBAC; all that it may ask for without what it was `compiled` to on a cluster. */
  permissions(spec: Spec, compiled?: readonly OperationDraft[]): PermissionNeed[];
  /** What a diagnosis calls this cause. */
  mechanism: string;
  /** That cause in a few words, for the one who has to choose it from a list. */
  cause: string;
  /** `reverts`: is undone. `heals`: comes back by itself. `lasting`: cannot be undone. */
  reverts: Operation['reverts'];
  /**
   * What the spec changes, as far as it says so itself: lint refuses two faults that claim the same, without a
   * cluster. The plan looks again, at the operations.
   */
  claims(spec: Spec): Claim[];
  /** What it goes together with, and what one has to know then: one or two sentences. */
  combines: string;
  /** What it does, for people who choose a fault type: one or two sentences. */
  about: string;
  /** One line for the game master: what this spec does. */
  describe(spec: Spec): string;
  /** Requests that it sends per second, for the limit on them; undefined if the answers set the pace. */
  requestsPerSecond?(spec: Spec): number | undefined;
  /** What it takes of a node, for the limit on it. */
  takes?(spec: Spec): Taken;
  /** Objects that it acts on without changing them, for the blast radius. */
  touches?(spec: Spec, context: Pick<CompileContext, 'cluster'>): Ref[] | Promise<Ref[]>;
  /** As a document writes it. Parses in a test; printed on the generated page. */
  example: Record<string, unknown>;
}

/** What is taken of nodes. */
export interface Taken {
  cores: number;
  memoryBytes: number;
}

/** With the image and more of pods for programs of ours. */
export interface CompileContext extends OurPodSettings {
  /** Id of the fault in the scenario. */
  fault: string;
  /** To read it; `dryRunPatch` asks the API server what a patch would make of an object. */
  cluster: Pick<Cluster, 'get' | 'list' | 'kind'>;
  dryRunPatch(ref: Ref, type: PatchType, body: unknown): Promise<ClusterObject>;
  /** Namespaces in which something may be broken. */
  namespaces: readonly string[];
  /** Real seconds until the game's time-out: a fault that ends by itself ends later than this. */
  secondsToPlay: number;
  /** It is a sandbox of ours, whose network does more than any other. */
  sandbox?: boolean;
  random: Random;
  /** Text of a program in dist/programs, e.g. `sender-rate.cjs`. */
  programText(name: string): string;
}

/** A fault of a scenario: `spec` has passed the schema of its type. */
export interface FaultInput {
  id: string;
  type: string;
  spec: unknown;
  /** Milliseconds after the injection began. */
  after?: number;
  /** Made only once a condition of the scenario holds. */
  waits?: boolean;
  /** Comes and goes in turns; real milliseconds. */
  repeat?: { every: number; for: number; times?: number };
  /** A harmless change near the target, or one that goes on in the background. */
  role?: 'decoy' | 'noise';
}
