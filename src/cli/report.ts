export async function report(..._: unknown[]): Promise<void> {
  throw new Error('not yet');
}
