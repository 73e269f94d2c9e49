import { createSignal, Show, type JSX } from 'solid-js';
import { createAction } from '../api/action';
import { CreateApiKeyDocument, type Role } from '../api/generated';
import { Form, SelectField, TextField, wholeNumber } from '../components/form';
import { Modal } from '../components/modal';
import { ROLES } from './roles';

/** Creates a key, and then shows its secret, which the server cannot show again. */
export function KeyDialog(props: { onClose: () => void }): JSX.Element {
  const action = createAction(CreateApiKeyDocument);
  const [name, setName] = createSignal('');
  const [role, setRole] = createSignal<Role>('VIEWER');
  const [days, setDays] = createSignal('');
  const [secret, setSecret] = createSignal('');

  const submit = async (): Promise<void> => {
    const expiresInDays = days() ? wholeNumber(days()) : null;
    const created = await action.run({ name: name(), role: role(), expiresInDays });
    if (created?.secret) setSecret(created.secret);
  };

  return (
    <Modal title="Create an API key" onClose={props.onClose}>
      <Show
        when={secret()}
        fallback={
          <Form
            errors={action.errors()}
            pending={action.pending()}
            onSubmit={submit}
            submit="Create"
            onCancel={props.onClose}
          >
            <TextField name="name" label="Name" hint="Shown in histories." value={name()} onInput={setName} />
            <SelectField name="role" label="Role" value={role()} choices={ROLES} onChange={setRole} />
            <TextField
              name="expiresInDays"
              label="Expires after, in days"
              hint="Empty: never."
              type="number"
              min={1}
              value={days()}
              onInput={setDays}
            />
          </Form>
        }
      >
        <p>Copy the key now. It cannot be shown again.</p>
        <input class="input" readonly aria-label="The key" value={secret()} onFocus={event => event.currentTarget.select()} />
        <div class="buttons">
          <button class="button primary" type="button" onClick={() => props.onClose()}>
            Done
          </button>
        </div>
      </Show>
    </Modal>
  );
}
