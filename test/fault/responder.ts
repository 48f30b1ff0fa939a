import type { Cluster, ClusterObject, Ref } from '../../src/cluster/cluster.ts';
import { refOf } from '../../src/cluster/ref.ts';
import type { Ledger } from '../../src/fault/ledger/ledger.ts';
import type { Preimage } from '../../src/recorder/action.ts';
import type { ControlPlane } from './control-plane.ts';

/** A responder whose writes go by a recorder: pre-image, write, answer. */
export interface Responder {
  patch(ref: Ref, body: unknown): Promise<void>;
  create(object: ClusterObject): Promise<void>;
  delete(ref: Ref): Promise<void>;
}

/** `answers: false`: a recorder that keeps no answers, only what was before. */
export async function respond(
  plane: Pick<ControlPlane, 'other'>,
  ledger: Ledger,
  { answers = true } = {},
): Promise<Responder> {
  const cluster = await plane.other();
  let sequence = 0;
  const write = async (ref: Ref, verb: string, send: () => Promise<ClusterObject | undefined>) => {
    sequence += 1;
    const preimage = await preimageOf(cluster, ref, verb, sequence);
    await ledger.append({ type: 'responder', preimage });
    const after = await send();
    if (answers && after) await ledger.append({ type: 'responder', preimage: { ...preimage, after } });
  };
  return {
    patch: (ref, body) => write(ref, 'patch', () => cluster.patch(ref, 'merge', body)),
    create: (object) => write(refOf(object), 'create', () => cluster.create(object)),
    async delete(ref) {
      await write(ref, 'delete', async () => {
        await cluster.delete(ref);
        return undefined;
      });
    },
  };
}

async function preimageOf(cluster: Cluster, ref: Ref, verb: string, sequence: number): Promise<Preimage> {
  const { apiVersion, kind, resource } = await cluster.kind(ref);
  const before = await cluster.get(ref);
  return {
    sequence,
    actionId: `action-${sequence}`,
    at: 0,
    who: 'responder',
    apiVersion,
    kind,
    resource,
    namespace: ref.namespace,
    name: ref.name,
    ...(before && { before }),
    verb,
  };
}
