import type { Api, KubeObject } from '../api.ts';
import { type Answer, answerOf, type Corefile, parseCorefile } from './corefile.ts';

/**
 * The cluster's DNS by its Corefile in the ConfigMap `kube-system/coredns`. As CoreDNS does, it reads a changed file after the
 * time that the plugin `reload` says, and keeps what it has if the new one is wrong or gone.
 */
export class ClusterDns {
  private current: Corefile | undefined;
  private reading: NodeJS.Timeout | undefined;
  private readonly stop: () => void;

  constructor(api: Api) {
    this.stop = api.watch('configmaps', ({ type, object }) => {
      const { namespace, name } = object.metadata;
      if (namespace === 'kube-system' && name === 'coredns' && type !== 'DELETED') this.changed(object);
    });
  }

  /** For a full name without its last dot. */
  answer(name: string): Answer {
    return this.current ? answerOf(this.current, name) : { cluster: name };
  }

  close(): void {
    this.stop();
    clearTimeout(this.reading);
  }

  private changed(object: KubeObject): void {
    clearTimeout(this.reading);
    if (!this.current) return this.read(object);
    const { reload } = this.current;
    if (reload === undefined) return;
    this.reading = setTimeout(() => this.read(object), reload * 1000);
    this.reading.unref();
  }

  private read(object: KubeObject): void {
    try {
      this.current = parseCorefile(String(object.data?.Corefile ?? ''));
    } catch {
      // CoreDNS says so in its log, and goes on with the one before.
    }
  }
}
