import { For, Show, type JSX } from 'solid-js';
import { Alert } from './alert';
import { Icon } from './icons';

const SKELETON_ROWS = 8;

export interface Column<Row, Field extends string = never> {
  readonly header: string;
  readonly cell: (row: Row) => JSX.Element;
  /** The field to sort by, if the column can be sorted. */
  readonly sort?: Field;
  readonly class?: string;
}

export interface Sorting<Field extends string> {
  readonly field: Field;
  readonly direction: 'ASC' | 'DESC';
}

interface DataTableProps<Row, Field extends string> {
  readonly caption: string;
  readonly columns: readonly Column<Row, Field>[];
  readonly rows: readonly Row[] | undefined;
  readonly busy: boolean;
  readonly error: string | undefined;
  readonly empty: string;
  readonly sorting?: Sorting<Field>;
  readonly onSort?: (sorting: Sorting<Field>) => void;
}

/** A table that becomes a list of cards on a telephone; the roles keep it a table for screen readers. */
export function DataTable<Row extends { readonly id: string }, Field extends string = never>(
  props: DataTableProps<Row, Field>,
): JSX.Element {
  return (
    <>
      <Alert message={props.error} />
      <table class="table" role="table" aria-busy={props.busy}>
        <caption class="visually-hidden">{props.caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            <For each={props.columns}>{column => <Header column={column} {...props} />}</For>
          </tr>
        </thead>
        <tbody role="rowgroup">
          <Show when={props.rows} fallback={<Skeleton columns={props.columns.length} />}>
            {rows => (
              <For each={rows()} fallback={<EmptyRow columns={props.columns.length} text={props.empty} />}>
                {row => (
                  <tr role="row">
                    <For each={props.columns}>
                      {column => (
                        <td role="cell" class={column.class} data-header={column.header}>
                          {column.cell(row)}
                        </td>
                      )}
                    </For>
                  </tr>
                )}
              </For>
            )}
          </Show>
        </tbody>
      </table>
    </>
  );
}

function Header<Row, Field extends string>(props: {
  column: Column<Row, Field>;
  sorting?: Sorting<Field>;
  onSort?: (sorting: Sorting<Field>) => void;
}): JSX.Element {
  const direction = () => (props.sorting?.field === props.column.sort ? props.sorting?.direction : undefined);
  const sort = (field: Field): void =>
    props.onSort?.({ field, direction: direction() === 'ASC' ? 'DESC' : 'ASC' });
  const ariaSort = () => ({ ASC: 'ascending', DESC: 'descending', NONE: undefined } as const)[direction() ?? 'NONE'];
  return (
    <th role="columnheader" scope="col" class={props.column.class} aria-sort={ariaSort()}>
      <Show when={props.column.sort} fallback={props.column.header}>
        {field => (
          <button class="sort" type="button" data-direction={direction()} onClick={() => sort(field())}>
            {props.column.header}
            <Icon name="chevron" />
          </button>
        )}
      </Show>
    </th>
  );
}

function EmptyRow(props: { columns: number; text: string }): JSX.Element {
  return (
    <tr role="row" class="empty">
      <td role="cell" colspan={props.columns}>
        {props.text}
      </td>
    </tr>
  );
}

function Skeleton(props: { columns: number }): JSX.Element {
  return (
    <For each={Array.from({ length: SKELETON_ROWS })}>
      {() => (
        <tr role="row" class="skeleton" aria-hidden="true">
          <For each={Array.from({ length: props.columns })}>
            {() => (
              <td role="cell">
                <span />
              </td>
            )}
          </For>
        </tr>
      )}
    </For>
  );
}
