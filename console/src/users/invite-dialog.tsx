import { createSignal, type JSX } from 'solid-js';
import { createAction } from '../api/action';
import { InviteUserDocument } from '../api/generated';
import { announce } from '../components/announcements';
import { TextField } from '../components/form';
import { FormDialog } from '../components/form-dialog';

interface InviteDialogProps {
  /** The number to invite the user on; without one, they pick one when they accept. */
  readonly number?: { readonly id: string; readonly number: string };
  readonly organizationId: string;
  readonly onClose: () => void;
}

export function InviteDialog(props: InviteDialogProps): JSX.Element {
  const action = createAction(InviteUserDocument);
  const [firstName, setFirstName] = createSignal('');
  const [lastName, setLastName] = createSignal('');
  const [email, setEmail] = createSignal('');

  const submit = async (): Promise<void> => {
    const input = {
      firstName: firstName(),
      lastName: lastName(),
      email: email(),
      numberId: props.number?.id ?? null,
      organizationId: props.organizationId,
    };
    if (!(await action.run(input))) return;
    announce(`An invitation was sent to ${email().trim()}.`);
    props.onClose();
  };

  return (
    <FormDialog
      title={props.number ? `Invite a user on ${props.number.number}` : 'Invite a user'}
      errors={action.errors()}
      pending={action.pending()}
      onSubmit={submit}
      submit="Send the invitation"
      onClose={props.onClose}
    >
      <TextField name="firstName" label="First name" value={firstName()} onInput={setFirstName} />
      <TextField name="lastName" label="Last name" value={lastName()} onInput={setLastName} />
      <TextField
        name="email"
        label="Email address"
        type="email"
        hint={props.number ? undefined : 'The user picks a number when accepting.'}
        value={email()}
        onInput={setEmail}
      />
    </FormDialog>
  );
}
