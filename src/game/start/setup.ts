import type { Clock } from '../../clock.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { OurPodSettings } from '../../cluster/our-pod.ts';
import type { Limits } from '../../config/schema.ts';
import type { SourceDocument } from '../../document/document.ts';
import type { GuardianSettings } from '../../fault/guardian/settings.ts';
import type { Monitoring } from '../../signal/series.ts';
import type { Channel } from '../announce/webhook.ts';

/** Everything a conductor is given: documents as read, the cluster as the game master sees it, and choices. */
export interface GameSetup {
  stateHome: string;
  scenario: SourceDocument;
  playbook: SourceDocument;
  /** Override the scenario's own params. */
  params: Record<string, unknown>;
  cluster: Cluster;
  monitoring: Monitoring;
  /** Namespaces in which something may be broken. */
  namespaces: string[];
  limits: Limits;
  /** The image that programs of ours run in (default: `node:20-slim`), and what else their pods are like. */
  programs?: OurPodSettings;
  /** The copy of the ledger in the cluster and who watches over it; undefined: there is only the file. */
  guardian?: GuardianSettings;
  /** Why no game may start now, in words; reading and planning are free at all times. */
  quiet?: string;
  /** Who is told before and after the game; undefined: nobody. */
  announce?: Channel;
  /** The namespace in which responders on other machines reach this game; undefined: they do not. */
  mailbox?: string;
  /** Where people open the monitoring in a browser: URLs of misfortune.yaml, without credentials. */
  links?: { prometheus?: string; grafana?: string };
  /** Monitoring that is reached through the API server: `namespace/name:port`. */
  serviceProxies: string[];
  /** How a responder reaches all this: their credentials and the addresses. */
  access: ResponderAccess;
  /** The UID of the marker object of a sandbox of ours; undefined on any other cluster. */
  sandboxMarker: string | undefined;
  /** Whether the cluster has ended for good: a sandbox's process is gone. Default: it never is. */
  isGone?: () => boolean;
  /** Factor by which all waits of the game are shortened; the sandbox has the same. */
  speed: number;
  seed: number;
  player: string;
  version: string;
  /** Undo at the end what responders changed: default in the sandbox and in validate, asked elsewhere. */
  undoResponders: boolean;
  /** Whether an expected alert that is left over from before is waited for; default: it is. */
  waitsForAlerts?: boolean;
  /** Asked at the end: whether series are kept and graded, which takes seconds. Default: they are. */
  isWorthGrading?: () => boolean;
  /** Whether samples of the quiet before the game are waited for, which only panels are compared with; default: they are. */
  waitsForQuiet?: boolean;
  /** Begin at once instead of waiting for `start`. */
  autoStart: boolean;
  clock: Clock;
}

export interface ResponderAccess {
  /** Path of the kubeconfig with which a responder reaches the cluster (their own credentials), and its context. */
  kubeconfig: string;
  context: string;
  /** Used by kubectl where none is named. */
  namespace: string;
  prometheus: string;
  alertmanager?: string;
  grafana?: string;
  /** A cluster of a misfortune.yaml: headers and token files for the three are read there, and only there. */
  config?: { file: string; cluster: string };
}
