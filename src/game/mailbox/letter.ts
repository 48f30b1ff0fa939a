import { randomBytes } from 'node:crypto';
import type { ClusterObject, Ref } from '../../cluster/cluster.ts';
import { mailboxLabels, mailboxName } from '../../fault/ledger/mailbox.ts';

/** Of the objects and of what is said in them; another one is refused by whoever does not know it. */
export const mailboxVersion = '1';

/** A ConfigMap takes 1 MiB in all (core/v1 validation); this leaves room for names. */
export const largestLetter = 1_000_000;

/** A mailbox: the public key of the game that it belongs to. */
export interface MailboxNotice {
  id: string;
  version: string;
  key: string;
  uid?: string;
}

/** A request of a responder, and from when on it is answered its answer: both sealed. */
export interface Letter {
  name: string;
  /** Public key of the responder who wrote it. */
  from: string;
  request: Buffer | undefined;
  answer: Buffer | undefined;
}

export function noticeObject(namespace: string, { id, version, key }: MailboxNotice): ClusterObject {
  const metadata = { name: mailboxName, namespace, labels: mailboxLabels(id) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { version, key } };
}

export function readNotice({ metadata, data }: ClusterObject): MailboxNotice {
  const { version = '', key = '' } = (data ?? {}) as Record<string, string>;
  const id = metadata.labels?.['app.kubernetes.io/instance'] ?? '';
  return { id, version, key, uid: metadata.uid };
}

/** Nobody else writes under this name: it stays the same when a request is tried again. */
export function newLetterName(): string {
  return `${mailboxName}-${randomBytes(8).toString('hex')}`;
}

export function letterObject(
  namespace: string,
  id: string,
  { name, from, request }: { name: string; from: string; request: Buffer },
): ClusterObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels: mailboxLabels(id) },
    data: { from },
    binaryData: { request: request.toString('base64') },
  };
}

/** Merged into a letter: the request has been read. */
export function answerPatch(answer: Buffer): object {
  return { binaryData: { request: null, answer: answer.toString('base64') } };
}

/** undefined: it is no letter. */
export function readLetter({ metadata, data, binaryData }: ClusterObject): Letter | undefined {
  const { from } = (data ?? {}) as Record<string, string | undefined>;
  const { request, answer } = (binaryData ?? {}) as Record<string, string | undefined>;
  if (from === undefined) return undefined;
  return { name: metadata.name, from, request: bytes(request), answer: bytes(answer) };
}

export function letterRef(namespace: string, name: string): Ref {
  return { kind: 'configmap', namespace, name };
}

/** What a seal is for, so that a request under another name or an answer to another request is refused. */
export const labelOf = {
  request: (name: string) => `request ${name}`,
  answer: (name: string) => `answer ${name}`,
};

function bytes(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'base64');
}
