import { createSignal, Show, type JSX } from 'solid-js';
import { createAction, type FormError } from '../api/action';
import { ReserveNumbersDocument, type NumberRowFragment, type TreeNodeFragment } from '../api/generated';
import { announce } from '../components/announcements';
import { Checkbox } from '../components/checkbox';
import { TextField } from '../components/form';
import { FormDialog } from '../components/form-dialog';
import { NumberPicker } from '../numbers/picker';
import { OrganizationPicker } from '../organizations/picker';

const NO_NUMBER: FormError = { message: 'Choose the number to reserve.', path: ['input', 'numberIds'] };

/** Reserve Number: the number, its tag, and the organization that it is allocated to. */
export function ReserveDialog(props: { onClose: () => void }): JSX.Element {
  const action = createAction(ReserveNumbersDocument);
  const [number, setNumber] = createSignal<NumberRowFragment | null>(null);
  const [missing, setMissing] = createSignal(false);
  const [tag, setTag] = createSignal('');
  const [allocates, setAllocates] = createSignal(false);
  const [organization, setOrganization] = createSignal<TreeNodeFragment | null>(null);

  const submit = async (): Promise<void> => {
    const chosen = number();
    setMissing(!chosen);
    if (!chosen) return;
    const input = {
      numberIds: [chosen.id],
      tag: tag(),
      organizationId: (allocates() && organization()?.id) || null,
    };
    if (!(await action.run(input))) return;
    announce(`${chosen.number} is reserved for “${tag().trim()}”.`);
    props.onClose();
  };

  return (
    <FormDialog
      title="Reserve Number"
      errors={missing() ? [NO_NUMBER] : action.errors()}
      pending={action.pending()}
      onSubmit={submit}
      submit="OK"
      onClose={props.onClose}
    >
      <NumberPicker
        name="numberIds"
        selected={number()}
        onSelect={chosen => {
          setMissing(false);
          setNumber(chosen);
        }}
      />
      <TextField name="tag" label="Tag" value={tag()} onInput={setTag} />
      <Checkbox checked={allocates()} onChange={setAllocates}>
        Also allocate it to another organization
      </Checkbox>
      <Show when={allocates()}>
        <OrganizationPicker
          name="organizationId"
          label="Organization"
          selected={organization()}
          onSelect={setOrganization}
        />
      </Show>
    </FormDialog>
  );
}
