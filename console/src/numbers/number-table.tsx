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
import { DataTable, type Column, type Sorting } from '../components/data-table';
import { createPaging, Pager } from '../components/paging';
import { formatEnum } from '../format';
import { NumberDialog, NumberMenu, type ChosenAction } from './actions';
import { TagCell } from './tag-cell';

export type NumberColumn = Column<NumberRowFragment, PhoneNumberOrderField>;

interface NumberTableProps {
  readonly caption: string;
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

  const columns: NumberColumn[] = [
    { header: 'Series', sort: 'SERIES', cell: number => number.series.name },
    { header: 'Number', sort: 'NUMBER', class: 'number', cell: number => <NumberText number={number} /> },
    { header: 'Organization', sort: 'ORGANIZATION', cell: number => number.organization.name },
    { header: 'Status', sort: 'STATUS', cell: number => <StatusText number={number} /> },
    {
      header: 'Reserved Tag',
      sort: 'RESERVED_TAG',
      class: 'tag',
      cell: number => (
        <TagCell
          number={number}
          editing={isEditing(number)}
          onEdit={() => setChosen({ action: 'EDIT_TAG', number })}
          onDone={close}
        />
      ),
    },
    {
      header: 'Actions',
      class: 'actions',
      cell: number => (
        <Show when={number.availableActions.length > 0}>
          <NumberMenu number={number} onChoose={setChosen} />
        </Show>
      ),
    },
  ];

  return (
    <section class="panel flush" aria-label={props.caption}>
      <DataTable
        caption={props.caption}
        columns={columns}
        rows={page()?.nodes}
        busy={list.loading()}
        error={list.error()}
        empty={props.empty}
        sorting={sorting()}
        onSort={setSorting}
      />
      <Pager
        paging={paging}
        rows={page()?.nodes.length ?? 0}
        pageInfo={page()?.pageInfo}
        total={total.loading() ? undefined : total.data()?.phoneNumbers.totalCount}
        busy={list.loading()}
      />
      <Show when={dialog()} keyed>
        {action => <NumberDialog action={action.action} number={action.number} onClose={close} />}
      </Show>
    </section>
  );
}

function NumberText(props: { number: NumberRowFragment }): JSX.Element {
  return (
    <>
      {props.number.number}
      <Show when={props.number.user}>
        {user => (
          <small>
            {user().firstName} {user().lastName}
          </small>
        )}
      </Show>
      <Show when={props.number.forwardingNumber}>
        <small>forwarded to {props.number.forwardingNumber}</small>
      </Show>
    </>
  );
}

function StatusText(props: { number: NumberRowFragment }): JSX.Element {
  return (
    <span class="status" data-status={props.number.status}>
      {props.number.status === 'IN_USE' ? 'In Use' : formatEnum(props.number.status)}
    </span>
  );
}
