import { useNavigate } from '@solidjs/router';
import { createSignal, type Accessor } from 'solid-js';
import { announce } from '../components/announcements';

interface BulkChange<Outcome> {
  /** The outcome of the preview; null before it, and when the input has changed since. */
  readonly preview: Accessor<Outcome | null>;
  /** Runs the preview, and when it is shown, the change, whose payload it returns. Or starts the job. */
  readonly run: () => Promise<Outcome | null>;
}

/**
 * A change that takes two steps: a dry run shows what it would do, and the next run does it. In the background it takes
 * one, since a job has no dry run; its progress is on the page of jobs, which opens then.
 */
export function createBulkChange<Outcome, Input extends object>(
  run: (input: Input & { dryRun: boolean; asJob: boolean }) => Promise<Outcome | null>,
  input: () => Input,
  background: () => boolean,
): BulkChange<Outcome> {
  const navigate = useNavigate();
  const [previewed, setPreviewed] = createSignal<{ input: string; outcome: Outcome }>();
  const preview = () => {
    const found = previewed();
    return !background() && found?.input === JSON.stringify(input()) ? found.outcome : null;
  };

  async function start(): Promise<null> {
    if (!(await run({ ...input(), dryRun: false, asJob: true }))) return null;
    announce('The job was started.');
    navigate('/jobs');
    return null;
  }

  return {
    preview,
    run: async () => {
      if (background()) return start();
      const given = input();
      if (preview()) return run({ ...given, dryRun: false, asJob: false });
      const found = await run({ ...given, dryRun: true, asJob: false });
      if (found) setPreviewed({ input: JSON.stringify(given), outcome: found });
      return null;
    },
  };
}
