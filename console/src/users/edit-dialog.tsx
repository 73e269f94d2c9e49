import { createSignal, type JSX } from 'solid-js';
import { createAction } from '../api/action';
import { UpdateUserDocument, type UserRowFragment } from '../api/generated';
import { announce } from '../components/announcements';
import { TextField } from '../components/form';
import { FormDialog } from '../components/form-dialog';

export function EditUserDialog(props: { user: UserRowFragment; onClose: () => void }): JSX.Element {
  const action = createAction(UpdateUserDocument);
  /* eslint-disable solid/reactivity -- where the editing begins */
  const [firstName, setFirstName] = createSignal(props.user.firstName);
  const [lastName, setLastName] = createSignal(props.user.lastName);
  const [email, setEmail] = createSignal(props.user.email);
  /* eslint-enable solid/reactivity */
  const submit = async (): Promise<void> => {
    const input = { userId: props.user.id, firstName: firstName(), lastName: lastName(), email: email() };
    if (!(await action.run(input))) return;
    announce(`${firstName()} ${lastName()} was changed.`);
    props.onClose();
  };
  return (
    <FormDialog
      title="Edit the user"
      errors={action.errors()}
      pending={action.pending()}
      onSubmit={submit}
      submit="Save"
      onClose={props.onClose}
    >
      <TextField name="firstName" label="First name" value={firstName()} onInput={setFirstName} />
      <TextField name="lastName" label="Last name" value={lastName()} onInput={setLastName} />
      <TextField name="email" label="Email address" type="email" value={email()} onInput={setEmail} />
    </FormDialog>
  );
}
