import { createSignal, Show, type JSX } from 'solid-js';
import { createAction } from '../api/action';
import { InviteUserDocument } from '../api/generated';
import { announce } from '../components/announcements';
import { Checkbox } from '../components/checkbox';
import { TextField } from '../components/form';
import { FormDialog } from '../components/form-dialog';
import { createNumberSource, NumberSourceFields } from './number-source';

interface InviteDialogProps {
  /** The number to invite the user on; without one, the dialog asks where it comes from. */
  readonly number?: { readonly id: string; readonly number: string };
  readonly organizationId: string;
  readonly onClose: () => void;
}

export function InviteDialog(props: InviteDialogProps): JSX.Element {
  const action = createAction(InviteUserDocument);
  const source = createNumberSource();
  const [firstName, setFirstName] = createSignal('');
  const [lastName, setLastName] = createSignal('');
  const [email, setEmail] = createSignal('');
  const [sends, setSends] = createSignal(true);

  const submit = async (): Promise<void> => {
    const input = {
      firstName: firstName(),
      lastName: lastName(),
      email: email(),
      ...(props.number ? { numberId: props.number.id } : source.input()),
      organizationId: props.organizationId,
      sendInvitation: sends(),
    };
    if (!(await action.run(input))) return;
    const address = email().trim();
    announce(sends() ? `An invitation was sent to ${address}.` : `${address} was saved, and no mail was sent.`);
    props.onClose();
  };

  return (
    <FormDialog
      title={props.number ? `Invite a user on ${props.number.number}` : 'Invite a user'}
      errors={action.errors()}
      pending={action.pending()}
      onSubmit={submit}
      submit={sends() ? 'Send the invitation' : 'Save the user'}
      onClose={props.onClose}
    >
      <TextField name="firstName" label="First name" value={firstName()} onInput={setFirstName} />
      <TextField name="lastName" label="Last name" value={lastName()} onInput={setLastName} />
      <TextField name="email" label="Email address" type="email" value={email()} onInput={setEmail} />
      <Show when={!props.number}>
        <NumberSourceFields source={source} organizationId={props.organizationId} />
      </Show>
      <Checkbox checked={sends()} onChange={setSends}>
        Send the invitation by mail now
      </Checkbox>
    </FormDialog>
  );
}
