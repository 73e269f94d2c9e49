import { createSignal, Show, type JSX } from 'solid-js';
import type { TreeNodeFragment } from '../api/generated';
import { FormDialog } from '../components/form-dialog';
import { Icon } from '../components/icons';
import { OrganizationPicker } from '../organizations/picker';
import { actFrom } from '../session';
import { useViewer } from './viewer';

/** Shows the organization that the viewer acts from, and changes it. */
export function OrganizationSwitch(): JSX.Element {
  const viewer = useViewer();
  const [open, setOpen] = createSignal(false);
  const acting = () => viewer().actingOrganization;
  const home = () => viewer().homeOrganization;
  return (
    <div class="organization-switch">
      <button class="button" type="button" onClick={() => setOpen(true)}>
        <span class="visually-hidden">You act from </span>
        <span class="organization-name">{acting().name}</span>
        <Icon name="chevron" />
      </button>
      <Show when={acting().id !== home().id}>
        <button class="button" type="button" onClick={() => actFrom(null)}>
          Back to {home().name}
        </button>
      </Show>
      <Show when={open()}>
        <SwitchDialog onClose={() => setOpen(false)} />
      </Show>
    </div>
  );
}

function SwitchDialog(props: { onClose: () => void }): JSX.Element {
  const [selected, setSelected] = createSignal<TreeNodeFragment | null>(null);
  const submit = (): void => {
    const organization = selected();
    props.onClose();
    if (organization) actFrom(organization.id);
  };
  return (
    <FormDialog
      title="Act from another organization"
      errors={[]}
      pending={false}
      onSubmit={submit}
      submit="Switch"
      onClose={props.onClose}
    >
      <p>You then see this organization and those below it, as its administrators do.</p>
      <OrganizationPicker name="organizationId" label="Organization" selected={selected()} onSelect={setSelected} />
    </FormDialog>
  );
}
