// Picks an organization: by walking the tree, or by searching on the server.
import { Show, type JSX } from 'solid-js';
import { SearchOrganizationsDocument } from '../api/generated';
import { createQuery } from '../api/query';
import { ListBox } from '../components/list-box';
import { PickerField } from '../components/picker-field';
import { Counts, OrganizationTree, type Selection } from './tree';

interface PickerProps extends Selection {
  /** The name of the field in the mutation's input, whose errors are shown here. */
  readonly name: string;
  readonly label: string;
}

export function OrganizationPicker(props: PickerProps): JSX.Element {
  return (
    <PickerField
      name={props.name}
      label={props.label}
      hint={props.selected ? `Selected: ${props.selected.path}` : undefined}
    >
      {search => (
        <Show
          when={search()}
          fallback={<OrganizationTree label={props.label} selected={props.selected} onSelect={props.onSelect} />}
        >
          <Results label={props.label} search={search()} selected={props.selected} onSelect={props.onSelect} />
        </Show>
      )}
    </PickerField>
  );
}

function Results(props: Omit<PickerProps, 'name'> & { search: string }): JSX.Element {
  const query = createQuery(SearchOrganizationsDocument, () => ({ search: props.search }));
  const page = () => query.data()?.organizations;
  return (
    <ListBox
      label={props.label}
      query={query}
      items={page()?.nodes}
      selected={props.selected}
      onSelect={props.onSelect}
      empty={`No organization matches “${props.search}”.`}
      note={page()?.pageInfo.hasNextPage ? 'There are more. Type more of the name.' : undefined}
    >
      {organization => (
        <>
          <span class="tree-name">
            {organization.name}
            <small>{organization.path}</small>
          </span>
          <Counts organization={organization} />
        </>
      )}
    </ListBox>
  );
}
