import { initialUiState, type UiState } from './ui-state.ts';

/** The screens' state in one place; React subscribes, the controller writes. */
export class Store {
  private current: UiState = initialUiState;
  private readonly listeners = new Set<() => void>();

  readonly get = (): UiState => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  set(change: Partial<UiState>): void {
    this.current = { ...this.current, ...change };
    for (const listener of this.listeners) listener();
  }
}
