import { createSignal, type Accessor } from 'solid-js';

interface Previewed<Outcome> {
  /** The outcome of the preview; null before it, and when the input has changed since. */
  readonly outcome: Accessor<Outcome | null>;
  /** Runs the preview, and when it is shown, the change, whose payload it returns. */
  readonly run: () => Promise<Outcome | null>;
}

/** A change that takes two steps: a dry run shows what it would do, and the next run does it. */
export function createPreviewed<Outcome, Input extends object>(
  run: (input: Input & { dryRun: boolean }) => Promise<Outcome | null>,
  input: () => Input,
): Previewed<Outcome> {
  const [preview, setPreview] = createSignal<{ input: string; outcome: Outcome }>();
  const outcome = () => {
    const found = preview();
    return found?.input === JSON.stringify(input()) ? found.outcome : null;
  };
  return {
    outcome,
    run: async () => {
      const given = input();
      if (outcome()) return run({ ...given, dryRun: false });
      const found = await run({ ...given, dryRun: true });
      if (found) setPreview({ input: JSON.stringify(given), outcome: found });
      return null;
    },
  };
}
