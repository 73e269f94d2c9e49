import { createSignal, type JSX } from 'solid-js';
import { createAction, type FormError } from '../api/action';
import { MoveNumbersDocument, type NumberRowFragment, type TreeNodeFragment } from '../api/generated';
import { announce } from '../components/announcements';
import { FormDialog } from '../components/form-dialog';
import { OrganizationPicker } from '../organizations/picker';

const NOTHING_CHOSEN: FormError = { message: 'Choose the organization to move it to.', path: ['input', 'organizationId'] };

export function MoveDialog(props: { number: NumberRowFragment; onClose: () => void }): JSX.Element {
  const action = createAction(MoveNumbersDocument);
  const [target, setTarget] = createSignal<TreeNodeFragment | null>(null);
  const [chosen, setChosen] = createSignal(true);

  const submit = async (): Promise<void> => {
    const organization = target();
    setChosen(organization !== null);
    if (!organization) return;
    const moved = await action.run({ numberIds: [props.number.id], organizationId: organization.id });
    if (!moved) return;
    announce(
      moved.changedCount > 0
        ? `${props.number.number} was moved to ${organization.name}.`
        : `${organization.name} holds ${props.number.number} already.`,
    );
    props.onClose();
  };

  return (
    <FormDialog
      title={`Move ${props.number.number}`}
      errors={chosen() ? action.errors() : [NOTHING_CHOSEN]}
      pending={action.pending()}
      onSubmit={submit}
      submit="Move"
      onClose={props.onClose}
    >
      <p>
        {props.number.organization.name} holds it now. Its status and tag stay as they are; a number in use takes its
        user along.
      </p>
      <OrganizationPicker
        name="organizationId"
        label="Organization"
        selected={target()}
        onSelect={organization => {
          setChosen(true);
          setTarget(organization);
        }}
      />
    </FormDialog>
  );
}
