/** A port that a program in a pod listens on. */
export interface Listener {
  port: number;
  /** As the program asked: `0.0.0.0`, `::`, `127.0.0.1` … */
  host: string;
  /** The port on 127.0.0.1 behind it. */
  real: number;
}

/** Which pod listens where. */
export class Listeners {
  private readonly byPod = new Map<string, Listener[]>();

  add(podUid: string, listener: Listener): void {
    this.byPod.set(podUid, [...(this.byPod.get(podUid) ?? []), listener]);
  }

  remove(podUid: string, real: number): void {
    const left = (this.byPod.get(podUid) ?? []).filter((listener) => listener.real !== real);
    if (left.length > 0) this.byPod.set(podUid, left);
    else this.byPod.delete(podUid);
  }

  all(): [podUid: string, Listener][] {
    return [...this.byPod].flatMap(([podUid, list]) => list.map((one): [string, Listener] => [podUid, one]));
  }

  /** `inside`: the one who connects is in the same pod and comes over its loopback address. */
  find(podUid: string, port: number, inside: boolean): Listener | undefined {
    return this.byPod
      .get(podUid)
      ?.find((listener) => listener.port === port && (inside || !isLoopback(listener.host)));
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}
