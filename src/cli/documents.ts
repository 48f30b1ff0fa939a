export async function listScenarios(..._: unknown[]): Promise<void> {
  throw new Error('not yet');
}
export async function lintFiles(..._: unknown[]): Promise<void> {
  throw new Error('not yet');
}
export async function faults(..._: unknown[]): Promise<void> {
  throw new Error('not yet');
}
export async function listPlaybooks(..._: unknown[]): Promise<void> {
  throw new Error('not yet');
}
export async function showPlaybook(..._: unknown[]): Promise<void> {
  throw new Error('not yet');
}
