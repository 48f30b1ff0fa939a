import type { Press } from './keys.ts';
import type { Store } from './store.ts';
import type { Prompt, PromptOption } from './ui-state.ts';

export interface PromptAnswer {
  kind: Prompt['kind'];
  text: string;
  yes: boolean;
  carried?: string;
}

const shownOptions = 8;

/** The line that asks: typing, type-ahead, yes and no. */
export class PromptLine {
  constructor(
    private readonly store: Store,
    private readonly search: (prefix: string) => Promise<string[]>,
  ) {}

  confirm(kind: Prompt['kind'], question: string): void {
    this.open({ kind, question, confirm: true });
  }

  ask(kind: Prompt['kind'], question: string): void {
    this.open({ kind, question });
    if (kind === 'origin') this.suggest('');
  }

  /** Only what is on the list can be chosen; typing narrows it. */
  choose(kind: Prompt['kind'], question: string, all: PromptOption[], carried: string): void {
    this.open({ kind, question, all, options: all, index: 0, carried });
  }

  /** The answer if this key gave one; undefined while the line stays open or was left. */
  press(
    input: string,
    press: Press & { backspace?: boolean; delete?: boolean; tab?: boolean },
  ): PromptAnswer | undefined {
    const { prompt } = this.store.get();
    if (!prompt) return undefined;
    if (press.escape) return this.close();
    if (prompt.confirm) {
      if (!/^[yn]$/i.test(input)) return undefined;
      this.close();
      return { kind: prompt.kind, text: '', yes: input.toLowerCase() === 'y' };
    }
    if (press.return) {
      // What is on no list is not the answer to a question that has one.
      if (prompt.all && !prompt.options[prompt.index]) return undefined;
      this.close();
      const chosen = prompt.options[prompt.index]?.name ?? prompt.text;
      return {
        kind: prompt.kind,
        text: chosen.trim(),
        yes: true,
        ...(prompt.carried === undefined ? {} : { carried: prompt.carried }),
      };
    }
    if (press.upArrow || press.downArrow) {
      const step = press.upArrow ? -1 : 1;
      this.change({
        index: Math.max(prompt.all ? 0 : -1, Math.min(prompt.options.length - 1, prompt.index + step)),
      });
    } else if (press.tab) {
      const completed = prompt.options[Math.max(0, prompt.index)];
      if (completed) this.typed(completed.name);
    } else if (press.backspace || press.delete) this.typed(prompt.text.slice(0, -1));
    else if (input && !press.ctrl) this.typed(prompt.text + input.replace(/[\r\n]/g, ' '));
    return undefined;
  }

  private typed(text: string): void {
    this.change({ text });
    const { prompt } = this.store.get();
    if (prompt?.kind === 'origin') this.suggest(text);
    if (prompt?.all) this.change({ options: prompt.all.filter((option) => fits(option, text)), index: 0 });
  }

  private suggest(text: string): void {
    void this.search(text).then(
      (options) => {
        const { prompt } = this.store.get();
        // An answer to an older text must not replace a newer one.
        if (prompt?.kind === 'origin' && prompt.text === text)
          this.change({
            options: options.slice(0, shownOptions).map((name) => ({ name })),
            index: text && options.length > 0 ? 0 : -1,
          });
      },
      () => undefined,
    );
  }

  private open(prompt: Partial<Prompt> & Pick<Prompt, 'kind' | 'question'>): void {
    this.store.set({ prompt: { text: '', options: [], index: -1, confirm: false, ...prompt } });
  }

  private change(change: Partial<Prompt>): void {
    const { prompt } = this.store.get();
    if (prompt) this.store.set({ prompt: { ...prompt, ...change } });
  }

  private close(): undefined {
    this.store.set({ prompt: undefined });
  }
}

function fits({ name, about = '' }: PromptOption, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  return name.toLowerCase().includes(wanted) || about.toLowerCase().includes(wanted);
}
