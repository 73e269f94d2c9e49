import { createSignal, Show, type JSX } from 'solid-js';
import { createAction } from '../api/action';
import {
  InviteAdministratorDocument,
  UpdateAdministratorDocument,
  type AdministratorRowFragment,
  type Role,
} from '../api/generated';
import { announce } from '../components/announcements';
import { Checkbox } from '../components/checkbox';
import { SelectField, TextField } from '../components/form';
import { FormDialog } from '../components/form-dialog';
import { ROLES } from './roles';

/** Invites an administrator, or changes the one that is given. */
export function AdministratorDialog(props: {
  administrator?: AdministratorRowFragment;
  onClose: () => void;
}): JSX.Element {
  const invite = createAction(InviteAdministratorDocument);
  const update = createAction(UpdateAdministratorDocument);
  /* eslint-disable solid/reactivity -- where the editing begins */
  const [name, setName] = createSignal(props.administrator?.name ?? '');
  const [role, setRole] = createSignal<Role>(props.administrator?.role ?? 'ADMIN');
  const [receivesAlerts, setReceivesAlerts] = createSignal(props.administrator?.receivesAlerts ?? true);
  /* eslint-enable solid/reactivity */
  const [email, setEmail] = createSignal('');

  const submit = async (): Promise<void> => {
    const input = { name: name(), role: role(), receivesAlerts: receivesAlerts() };
    const done = props.administrator
      ? await update.run({ ...input, administratorId: props.administrator.id })
      : await invite.run({ ...input, email: email() });
    if (!done) return;
    announce(props.administrator ? `${name()} was changed.` : `An invitation was sent to ${email().trim()}.`);
    props.onClose();
  };

  return (
    <FormDialog
      title={props.administrator ? 'Edit the administrator' : 'Invite an administrator'}
      errors={props.administrator ? update.errors() : invite.errors()}
      pending={invite.pending() || update.pending()}
      onSubmit={submit}
      submit={props.administrator ? 'Save' : 'Send the invitation'}
      onClose={props.onClose}
    >
      <TextField name="name" label="Name" value={name()} onInput={setName} />
      <Show when={!props.administrator}>
        <TextField name="email" label="Email address" type="email" value={email()} onInput={setEmail} />
      </Show>
      <SelectField name="role" label="Role" value={role()} choices={ROLES} onChange={setRole} />
      <Checkbox checked={receivesAlerts()} onChange={setReceivesAlerts}>
        Gets an email when the utilization threshold is reached
      </Checkbox>
    </FormDialog>
  );
}
