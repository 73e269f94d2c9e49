import { createSignal, Show, type JSX } from 'solid-js';
import { createAction } from '../api/action';
import { RemoveForwardingDocument, UpdateForwardingDocument, type NumberRowFragment } from '../api/generated';
import { announce } from '../components/announcements';
import { TextField } from '../components/form';
import { FormDialog } from '../components/form-dialog';
import { RadioGroup } from '../components/radio-group';

const CHOICES = [
  { value: 'UPDATE', label: 'Update the Number' },
  { value: 'REMOVE', label: 'Remove the Number' },
] as const;

/** Changes or removes the forwarding number, which only the deletion of a user can set. */
export function ForwardingDialog(props: { number: NumberRowFragment; onClose: () => void }): JSX.Element {
  const update = createAction(UpdateForwardingDocument);
  const remove = createAction(RemoveForwardingDocument);
  const [choice, setChoice] = createSignal<'UPDATE' | 'REMOVE'>('UPDATE');
  // eslint-disable-next-line solid/reactivity -- where the editing begins
  const [forwarding, setForwarding] = createSignal(props.number.forwardingNumber ?? '');

  const submit = async (): Promise<void> => {
    const { id, number } = props.number;
    const done =
      choice() === 'UPDATE'
        ? await update.run({ numberId: id, forwardingNumber: forwarding() })
        : await remove.run({ numberId: id });
    if (!done) return;
    announce(choice() === 'UPDATE' ? `Calls to ${number} are forwarded.` : `Calls to ${number} are no longer forwarded.`);
    props.onClose();
  };

  return (
    <FormDialog
      title={`Forwarding of ${props.number.number}`}
      errors={choice() === 'UPDATE' ? update.errors() : remove.errors()}
      pending={update.pending() || remove.pending()}
      onSubmit={submit}
      submit="Proceed"
      onClose={props.onClose}
    >
      <p>Calls are forwarded to {props.number.forwardingNumber}. Once removed, forwarding cannot be set again.</p>
      <RadioGroup legend="What to do" choices={CHOICES} value={choice()} onChange={setChoice} />
      <Show when={choice() === 'UPDATE'}>
        <TextField
          name="forwardingNumber"
          label="Forwarding number"
          type="tel"
          value={forwarding()}
          onInput={setForwarding}
        />
      </Show>
    </FormDialog>
  );
}
