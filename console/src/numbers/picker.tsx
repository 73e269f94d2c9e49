// Picks an available number by searching for a part of it.
import type { JSX } from 'solid-js';
import { NumberListDocument, type NumberRowFragment } from '../api/generated';
import { createQuery } from '../api/query';
import { ListBox } from '../components/list-box';
import { PickerField } from '../components/picker-field';

interface Selection {
  readonly selected: NumberRowFragment | null;
  readonly onSelect: (number: NumberRowFragment) => void;
}

export function NumberPicker(props: Selection & { name: string }): JSX.Element {
  return (
    <PickerField
      name={props.name}
      label="Number"
      hint={props.selected ? `Selected: ${props.selected.number}, held by ${props.selected.organization.name}` : undefined}
      short
    >
      {search => <Results search={search()} selected={props.selected} onSelect={props.onSelect} />}
    </PickerField>
  );
}

function Results(props: Selection & { search: string }): JSX.Element {
  const query = createQuery(NumberListDocument, () => ({
    filter: { text: props.search || null, statuses: ['AVAILABLE' as const] },
  }));
  return (
    <ListBox
      label="Available numbers"
      query={query}
      items={query.data()?.phoneNumbers.nodes}
      selected={props.selected}
      onSelect={props.onSelect}
      empty="No available number matches."
    >
      {number => (
        <>
          <span class="tree-name">{number.number}</span>
          <span class="tree-counts">{number.organization.name}</span>
        </>
      )}
    </ListBox>
  );
}
