import { createSignal, Show, type JSX } from 'solid-js';
import type { TreeNodeFragment } from '../api/generated';
import { Modal } from '../components/modal';
import { OrganizationTree } from '../organizations/tree';

interface HierarchyDialogProps {
  /** Shows the numbers of the organization that was chosen. */
  readonly onShowNumbers: (organization: TreeNodeFragment) => void;
  readonly onClose: () => void;
}

/** View Hierarchy: the sub-organizations within the organization. */
export function HierarchyDialog(props: HierarchyDialogProps): JSX.Element {
  const [selected, setSelected] = createSignal<TreeNodeFragment | null>(null);
  return (
    <Modal title="Hierarchy" onClose={props.onClose}>
      <div class="picker-list tall">
        <OrganizationTree label="Organizations" selected={selected()} onSelect={setSelected} />
      </div>
      <div class="buttons">
        <Show when={selected()}>
          {organization => (
            <button class="button primary" type="button" onClick={() => props.onShowNumbers(organization())}>
              Show the numbers of {organization().name}
            </button>
          )}
        </Show>
        <button class="button" type="button" onClick={() => props.onClose()}>
          Close
        </button>
      </div>
    </Modal>
  );
}
