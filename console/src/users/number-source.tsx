// Where the number of an invited user comes from.
import { createEffect, createSignal, Match, Switch, type Accessor, type JSX } from 'solid-js';
import { StockDocument } from '../api/generated';
import { createQuery } from '../api/query';
import { seriesChoices } from '../bulk/series-choices';
import { SelectField, TextField, type Choice } from '../components/form';
import { RadioGroup } from '../components/radio-group';

type Kind = 'LATER' | 'TAG' | 'SERIES';

const KINDS: readonly Choice<Kind>[] = [
  { value: 'LATER', label: 'The user picks one when accepting' },
  { value: 'TAG', label: 'One that is reserved with a tag' },
  { value: 'SERIES', label: 'One of a series' },
];

export interface NumberSource {
  readonly kind: Accessor<Kind>;
  readonly setKind: (kind: Kind) => void;
  readonly tag: Accessor<string>;
  readonly setTag: (tag: string) => void;
  readonly seriesId: Accessor<string>;
  readonly setSeriesId: (seriesId: string) => void;
  /** The part of the mutation's input. */
  readonly input: () => { readonly reservedTag?: string; readonly seriesId?: string };
}

export function createNumberSource(): NumberSource {
  const [kind, setKind] = createSignal<Kind>('LATER');
  const [tag, setTag] = createSignal('');
  const [seriesId, setSeriesId] = createSignal('');
  const input = () => {
    if (kind() === 'TAG') return { reservedTag: tag() };
    return kind() === 'SERIES' ? { seriesId: seriesId() } : {};
  };
  return { kind, setKind, tag, setTag, seriesId, setSeriesId, input };
}

export function NumberSourceFields(props: { source: NumberSource; organizationId: string }): JSX.Element {
  return (
    <>
      <RadioGroup legend="Number" choices={KINDS} value={props.source.kind()} onChange={props.source.setKind} />
      <Switch>
        <Match when={props.source.kind() === 'TAG'}>
          <TextField
            name="reservedTag"
            label="Reserved tag"
            hint="The lowest number with this tag is assigned."
            value={props.source.tag()}
            onInput={props.source.setTag}
          />
        </Match>
        <Match when={props.source.kind() === 'SERIES'}>
          <SeriesField source={props.source} organizationId={props.organizationId} />
        </Match>
      </Switch>
    </>
  );
}

function SeriesField(props: { source: NumberSource; organizationId: string }): JSX.Element {
  const query = createQuery(StockDocument, () => ({ organizationId: props.organizationId }));
  const choices = () => seriesChoices(query.data()?.organization?.inventory ?? []);
  createEffect(() => {
    if (!props.source.seriesId()) props.source.setSeriesId(choices()[0]?.value ?? '');
  });
  return (
    <SelectField
      name="seriesId"
      label="Series"
      hint="The lowest available number is assigned."
      value={props.source.seriesId()}
      choices={choices()}
      onChange={props.source.setSeriesId}
    />
  );
}
