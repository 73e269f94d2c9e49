// Picks a series by searching for a part of its name.
import type { JSX } from 'solid-js';
import { SeriesOptionsDocument, type SeriesOptionsQuery } from '../api/generated';
import { createQuery } from '../api/query';
import { ListBox } from '../components/list-box';
import { PickerField } from '../components/picker-field';

export type Series = SeriesOptionsQuery['series']['nodes'][number];

interface Selection {
  readonly selected: Series | null;
  readonly onSelect: (series: Series) => void;
}

export function SeriesPicker(props: Selection & { name: string }): JSX.Element {
  return (
    <PickerField
      name={props.name}
      label="Series"
      hint={props.selected ? `Selected: ${props.selected.name}` : undefined}
      short
    >
      {search => <Results search={search()} selected={props.selected} onSelect={props.onSelect} />}
    </PickerField>
  );
}

function Results(props: Selection & { search: string }): JSX.Element {
  const query = createQuery(SeriesOptionsDocument, () => ({ search: props.search || null }));
  return (
    <ListBox
      label="Series"
      query={query}
      items={query.data()?.series.nodes}
      selected={props.selected}
      onSelect={props.onSelect}
      empty="No series matches."
    >
      {series => <span class="tree-name">{series.name}</span>}
    </ListBox>
  );
}
