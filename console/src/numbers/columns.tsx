// The columns of tables of numbers.
import { Show, type JSX } from 'solid-js';
import type { NumberRowFragment } from '../api/generated';
import { formatEnum } from '../format';
import { NumberMenu } from './actions';
import type { NumberColumn, RowTools } from './number-table';
import { TagCell } from './tag-cell';

export const seriesColumn: NumberColumn = { header: 'Series', sort: 'SERIES', cell: number => number.series.name };

export const organizationColumn: NumberColumn = {
  header: 'Organization',
  sort: 'ORGANIZATION',
  cell: number => number.organization.name,
};

export function tagColumn(tools: RowTools): NumberColumn {
  return {
    header: 'Reserved Tag',
    sort: 'RESERVED_TAG',
    class: 'tag',
    cell: number => (
      <TagCell
        number={number}
        editing={tools.isEditing(number)}
        onEdit={() => tools.choose({ action: 'EDIT_TAG', number })}
        onDone={tools.done}
      />
    ),
  };
}

/** The columns of Number Status and Actions. */
export function allColumns(tools: RowTools): readonly NumberColumn[] {
  return [
    seriesColumn,
    { header: 'Number', sort: 'NUMBER', class: 'number', cell: number => <NumberText number={number} /> },
    organizationColumn,
    { header: 'Status', sort: 'STATUS', cell: number => <StatusText number={number} /> },
    tagColumn(tools),
    {
      header: 'Actions',
      class: 'actions',
      cell: number => (
        <Show when={number.availableActions.length > 0}>
          <NumberMenu number={number} onChoose={tools.choose} />
        </Show>
      ),
    },
  ];
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
