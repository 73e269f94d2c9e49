import { createSignal, Show, type JSX } from 'solid-js';
import { createAction, type FormError, type Input, type Payload } from '../api/action';
import type { LineFragment, TypedDocumentString } from '../api/generated';
import { announce } from '../components/announcements';
import { Checkbox } from '../components/checkbox';
import { FormDialog } from '../components/form-dialog';
import { createBulkChange } from './bulk-change';
import { LineReports } from './line-reports';

interface BulkVariables {
  readonly input: { readonly dryRun?: boolean; readonly asJob?: boolean };
  readonly [name: string]: unknown;
}

interface BulkDialogProps<Data, Variables extends BulkVariables> {
  readonly title: string;
  readonly mutation: TypedDocumentString<Data, Variables>;
  readonly input: Omit<Input<Variables>, 'dryRun' | 'asJob'>;
  /** The button that does what the preview shows. */
  readonly button: string;
  /** What is missing in the input, if something is. */
  readonly missing?: FormError | undefined;
  /** Whether this input can run as a job only. */
  readonly jobOnly?: boolean;
  readonly preview: (outcome: Payload<Data>) => JSX.Element;
  /** What to say when it is done. */
  readonly done: (outcome: Payload<Data>) => string;
  readonly onClose: () => void;
  readonly children: JSX.Element;
}

/** Scrolls to what has appeared at the end of a long dialog. */
function show(element: HTMLElement): void {
  requestAnimationFrame(() => element.scrollIntoView({ block: 'nearest' }));
}

/** A change of many objects: first a preview, then the change; or a job in the background. */
export function BulkDialog<Data extends object, Variables extends BulkVariables>(
  props: BulkDialogProps<Data, Variables>,
): JSX.Element {
  // eslint-disable-next-line solid/reactivity -- a dialog keeps its mutation
  const action = createAction(props.mutation);
  const [ticked, setTicked] = createSignal(false);
  const [tried, setTried] = createSignal(false);
  const background = () => ticked() || (props.jobOnly ?? false);
  const change = createBulkChange(
    input => action.run(input as Input<Variables>),
    () => props.input,
    background,
  );
  const missing = () => (tried() ? props.missing : undefined);
  const lines = () => (action.payload() as { lines?: readonly LineFragment[] } | null)?.lines ?? [];

  const submit = async (): Promise<void> => {
    setTried(true);
    if (props.missing) return;
    const outcome = await change.run();
    if (!outcome) return;
    announce(props.done(outcome));
    props.onClose();
  };
  const button = () => {
    if (background()) return 'Start the job';
    return change.preview() ? props.button : 'Preview';
  };

  return (
    <FormDialog
      title={props.title}
      errors={[missing() ?? action.errors()].flat()}
      pending={action.pending()}
      onSubmit={submit}
      submit={button()}
      onClose={props.onClose}
    >
      {props.children}
      <Show when={!props.jobOnly}>
        <Checkbox checked={ticked()} onChange={setTicked}>
          Run in the background
          <small>For very many, and without a preview. You follow it, and can cancel it, on the page Jobs.</small>
        </Checkbox>
      </Show>
      <Show when={change.preview()}>
        {outcome => (
          <div class="note preview" role="status" ref={show}>
            {props.preview(outcome())}
          </div>
        )}
      </Show>
      <LineReports lines={lines()} />
    </FormDialog>
  );
}
