/** Pod addresses: node n has 10.244.n.0/24, .1 is the node's own. */
export class PodAddresses {
  private readonly byPod = new Map<string, string>();
  private readonly byIP = new Map<string, string>();
  private readonly next = new Map<string, number>();

  constructor(private readonly nodes: readonly string[]) {}

  allocate(node: string, podUid: string): string {
    const known = this.byPod.get(podUid);
    if (known) return known;
    const subnet = this.subnet(node);
    // Counting on before reusing: an address that has just been freed may still be in somebody's list.
    for (let tries = 0; tries < 253; tries++) {
      const host = this.next.get(node) ?? 2;
      this.next.set(node, host === 254 ? 2 : host + 1);
      const ip = `10.244.${subnet}.${host}`;
      if (this.byIP.has(ip)) continue;
      this.byIP.set(ip, podUid);
      this.byPod.set(podUid, ip);
      return ip;
    }
    throw new Error(`node ${node} has no free pod address: 253 pods are on it`);
  }

  release(podUid: string): void {
    const ip = this.byPod.get(podUid);
    this.byPod.delete(podUid);
    if (ip) this.byIP.delete(ip);
  }

  podOf(ip: string): string | undefined {
    return this.byIP.get(ip);
  }

  /** The subnet's third number; a node that is not in the list shares one made from its name. */
  private subnet(node: string): number {
    const index = this.nodes.indexOf(node);
    if (index >= 0) return index;
    let sum = 0;
    for (const char of node) sum = (sum * 31 + char.charCodeAt(0)) % 100;
    return 100 + sum;
  }
}
