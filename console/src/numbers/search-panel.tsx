import * as Popover from '@kobalte/core/popover';
import { createSignal, For, type JSX } from 'solid-js';
import { StatusMeaningsDocument } from '../api/generated';
import { createQuery } from '../api/query';
import { Checkbox } from '../components/checkbox';
import { FilterDropdown } from '../components/filter-dropdown';
import { Field } from '../components/form';
import { Icon } from '../components/icons';
import { EMPTY_SEARCH, type NumberSearch } from './filter';
import { organizationOptions, seriesOptions, statusOptions } from './options';

interface SearchPanelProps {
  readonly search: NumberSearch;
  readonly onChange: (search: NumberSearch) => void;
  readonly onSearch: (search: NumberSearch) => void;
  readonly onViewHierarchy: () => void;
}

/** The panel *Search By*: choices take effect with Search, and go with Reset. */
export function SearchPanel(props: SearchPanelProps): JSX.Element {
  const change = (part: Partial<NumberSearch>): void => props.onChange({ ...props.search, ...part });
  return (
    <form
      class="panel search-panel"
      role="search"
      aria-label="Search By"
      onSubmit={event => {
        event.preventDefault();
        props.onSearch(props.search);
      }}
    >
      <Field name="text" label="Number / Tag">
        {control => (
          <input
            {...control}
            class="input"
            type="search"
            autocomplete="off"
            placeholder="Any part of it"
            value={props.search.text}
            onInput={event => change({ text: event.currentTarget.value })}
          />
        )}
      </Field>
      <FilterDropdown
        label="Series"
        searchable
        selected={props.search.series}
        onChange={series => change({ series })}
        options={seriesOptions}
      />
      <FilterDropdown
        label="Organization"
        searchable
        selected={props.search.organizations}
        onChange={organizations => change({ organizations })}
        options={organizationOptions}
      >
        <Checkbox
          ruled
          checked={props.search.includeDescendants}
          onChange={includeDescendants => change({ includeDescendants })}
        >
          Also include their sub-organizations
        </Checkbox>
      </FilterDropdown>
      <div class="with-question">
        <FilterDropdown
          label="Status"
          selected={props.search.statuses}
          onChange={statuses => change({ statuses })}
          options={statusOptions}
        />
        <StatusMeanings />
      </div>
      <div class="buttons">
        <button class="button primary" type="submit">
          <Icon name="search" />
          Search
        </button>
        <button class="button" type="button" onClick={() => props.onSearch(EMPTY_SEARCH)}>
          Reset
        </button>
        <button class="button" type="button" onClick={() => props.onViewHierarchy()}>
          <Icon name="tree" />
          View Hierarchy
        </button>
      </div>
    </form>
  );
}

/** The question mark: opens under the mouse, and by a click or a key. */
function StatusMeanings(): JSX.Element {
  const query = createQuery(StatusMeaningsDocument, () => ({}));
  const [open, setOpen] = createSignal(false);
  // A click under a mouse that has opened it already must not close it.
  let clickedByMouse = false;
  const change = (opens: boolean): void => {
    if (opens || !clickedByMouse) setOpen(opens);
    clickedByMouse = false;
  };
  const hover = (opens: boolean) => (event: PointerEvent) => event.pointerType === 'mouse' && setOpen(opens);
  return (
    <Popover.Root open={open()} onOpenChange={change} gutter={4} placement="bottom-end">
      <Popover.Trigger
        class="icon-button question"
        aria-label="What the statuses mean"
        onPointerDown={event => (clickedByMouse = event.pointerType === 'mouse')}
        onPointerEnter={hover(true)}
        onPointerLeave={hover(false)}
      >
        <Icon name="question" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content class="popover" aria-label="What the statuses mean" onOpenAutoFocus={event => event.preventDefault()}>
          <dl class="meanings">
            <For each={query.data()?.statusMeanings}>
              {meaning => (
                <>
                  <dt>{meaning.label}</dt>
                  <dd>{meaning.description}</dd>
                </>
              )}
            </For>
          </dl>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
