// Picks an organization: by walking the tree, or by searching on the server.
import { createSignal, For, Show, type JSX } from 'solid-js';
import { SearchOrganizationsDocument, type TreeNodeFragment } from '../api/generated';
import { createQuery } from '../api/query';
import { afterPause } from '../components/after-pause';
import { Field } from '../components/form';
import { Counts, OrganizationTree } from './tree';
import { moveFocus } from './tree-keys';

interface PickerProps {
  /** The name of the field in the mutation's input, whose errors are shown here. */
  readonly name: string;
  readonly label: string;
  readonly selected: TreeNodeFragment | null;
  readonly onSelect: (organization: TreeNodeFragment) => void;
}

export function OrganizationPicker(props: PickerProps): JSX.Element {
  const [text, setText] = createSignal('');
  const search = afterPause(text);
  return (
    <Field name={props.name} label={props.label} hint={props.selected ? `Selected: ${props.selected.path}` : undefined}>
      {control => (
        <div class="picker">
          <input
            {...control}
            class="input"
            type="search"
            autocomplete="off"
            placeholder="Search, or choose below"
            value={text()}
            onInput={event => setText(event.currentTarget.value)}
          />
          <div class="picker-list">
            <Show
              when={search()}
              fallback={<OrganizationTree label={props.label} selected={props.selected} onSelect={props.onSelect} />}
            >
              <Results label={props.label} search={search()} selected={props.selected} onSelect={props.onSelect} />
            </Show>
          </div>
        </div>
      )}
    </Field>
  );
}

function Results(props: Omit<PickerProps, 'name'> & { search: string }): JSX.Element {
  const query = createQuery(SearchOrganizationsDocument, () => ({ search: props.search }));
  const nodes = () => query.data()?.organizations.nodes;
  return (
    <ul class="tree" role="listbox" aria-label={props.label} onKeyDown={moveFocus} aria-busy={query.loading()}>
      <For
        each={nodes()}
        fallback={
          <li role="none" class="tree-note">
            {query.error() ?? (query.loading() ? 'Loading …' : `No organization matches “${props.search}”.`)}
          </li>
        }
      >
        {(organization, index) => (
          <li
            class="tree-row"
            role="option"
            aria-selected={props.selected?.id === organization.id}
            tabindex={index() === 0 ? 0 : -1}
            on:choose={() => props.onSelect(organization)}
            onClick={() => props.onSelect(organization)}
          >
            <span class="tree-name">
              {organization.name}
              <small>{organization.path}</small>
            </span>
            <Counts organization={organization} />
          </li>
        )}
      </For>
      <Show when={query.data()?.organizations.pageInfo.hasNextPage}>
        <li role="none" class="tree-note">
          There are more. Type more of the name.
        </li>
      </Show>
    </ul>
  );
}
