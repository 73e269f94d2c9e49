// Numbers as a sortable, paged table with their actions.
import { createMemo, createSignal, Show, type JSX } from 'solid-js';
import {
  NumberCountDocument,
  NumberListDocument,
  type NumberRowFragment,
  type PhoneNumberFilter,
  type PhoneNumberOrderField,
} from '../api/generated';
import { createQuery } from '../api/query';
import type { Column, Sorting } from '../components/data-table';
import { PagedTable } from '../components/paged-table';
import { createPaging } from '../components/paging';
import { NumberDialog, type ChosenAction } from './actions';
import { isRestricted } from './filter';
import { MatchingMenu } from './matching';

export type NumberColumn = Column<NumberRowFragment, PhoneNumberOrderField>;

/** What a cell can do to its row. */
export interface RowTools {
  readonly choose: (action: ChosenAction) => void;
  /** Whether the tag of the number is being edited in its row. */
  readonly isEditing: (number: NumberRowFragment) => boolean;
  readonly done: () => void;
}

interface NumberTableProps {
  readonly caption: string;
  readonly columns: (tools: RowTools) => readonly NumberColumn[];
  readonly filter: PhoneNumberFilter;
  readonly empty: string;
}

/** What is written in a row instead of a dialog. */
const INLINE = new Set(['RESERVE', 'EDIT_TAG']);

export function NumberTable(props: NumberTableProps): JSX.Element {
  const [sorting, setSorting] = createSignal<Sorting<PhoneNumberOrderField>>({ field: 'NUMBER', direction: 'ASC' });
  const [chosen, setChosen] = createSignal<ChosenAction>();
  const close = () => setChosen(undefined);
  const key = createMemo(() => JSON.stringify([props.filter, sorting()]));
  const paging = createPaging(key);
  const list = createQuery(NumberListDocument, () => ({
    filter: props.filter,
    orderBy: sorting(),
    after: paging.after(),
  }));
  const total = createQuery(NumberCountDocument, () => ({ filter: props.filter }));
  const page = () => list.data()?.phoneNumbers;
  const isEditing = (number: NumberRowFragment) =>
    chosen()?.number.id === number.id && INLINE.has(chosen()?.action ?? '');
  const dialog = () => {
    const action = chosen();
    return action && !INLINE.has(action.action) ? action : undefined;
  };

  const tools: RowTools = { isEditing, choose: setChosen, done: close };

  return (
    <section class="panel flush" aria-label={props.caption}>
      <Show when={isRestricted(props.filter) && total.data()}>
        {counted => (
          <MatchingMenu filter={props.filter} total={counted().phoneNumbers.totalCount} rows={page()?.nodes ?? []} />
        )}
      </Show>
      <PagedTable
        caption={props.caption}
        columns={props.columns(tools)}
        query={list}
        page={page()}
        paging={paging}
        total={total.loading() ? undefined : total.data()?.phoneNumbers.totalCount}
        empty={props.empty}
        sorting={sorting()}
        onSort={setSorting}
      />
      <Show when={dialog()} keyed>
        {action => <NumberDialog action={action.action} number={action.number} onClose={close} />}
      </Show>
    </section>
  );
}
