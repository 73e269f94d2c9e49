import { createSignal, Show, type JSX } from 'solid-js';
import { createAction } from '../api/action';
import { DeleteUserDocument, type NumberDisposition } from '../api/generated';
import { announce } from '../components/announcements';
import { TextField } from '../components/form';
import { FormDialog } from '../components/form-dialog';
import { RadioGroup } from '../components/radio-group';

const CHOICES: readonly { value: NumberDisposition; label: string }[] = [
  { value: 'RELEASE', label: 'Release the number' },
  { value: 'RESERVE', label: 'Reserve the number, and forward its calls if you like' },
];

interface DeleteUserDialogProps {
  readonly user: { readonly id: string; readonly firstName: string; readonly lastName: string };
  /** The user's number, which is released or reserved. */
  readonly number: string | undefined;
  readonly onClose: () => void;
}

export function DeleteUserDialog(props: DeleteUserDialogProps): JSX.Element {
  const action = createAction(DeleteUserDocument);
  const [disposition, setDisposition] = createSignal<NumberDisposition>('RELEASE');
  const [tag, setTag] = createSignal('');
  const [forwarding, setForwarding] = createSignal('');
  const name = () => `${props.user.firstName} ${props.user.lastName}`;

  const submit = async (): Promise<void> => {
    const reserves = disposition() === 'RESERVE';
    const input = {
      userId: props.user.id,
      disposition: disposition(),
      tag: reserves ? tag() : null,
      forwardingNumber: reserves && forwarding() ? forwarding() : null,
    };
    if (!(await action.run(input))) return;
    announce(`${name()} was deleted.`);
    props.onClose();
  };

  return (
    <FormDialog
      title={`Delete ${name()}`}
      errors={action.errors()}
      pending={action.pending()}
      onSubmit={submit}
      submit="Delete the user"
      danger
      onClose={props.onClose}
    >
      <Show when={props.number} fallback={<p>The user has no number.</p>}>
        <RadioGroup
          legend={`What happens to ${props.number}`}
          choices={CHOICES}
          value={disposition()}
          onChange={setDisposition}
        />
        <Show when={disposition() === 'RESERVE'}>
          <TextField name="tag" label="Reserved tag" value={tag()} onInput={setTag} />
          <TextField
            name="forwardingNumber"
            label="Forward calls to"
            hint="Optional, and only possible now: later you can change or remove it."
            type="tel"
            value={forwarding()}
            onInput={setForwarding}
          />
        </Show>
      </Show>
    </FormDialog>
  );
}
