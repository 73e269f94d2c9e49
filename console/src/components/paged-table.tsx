import type { JSX } from 'solid-js';
import type { Query } from '../api/query';
import { DataTable, type Column, type Sorting } from './data-table';
import { Pager, type Page, type Paging } from './paging';

interface PagedTableProps<Row, Field extends string> {
  readonly caption: string;
  readonly columns: readonly Column<Row, Field>[];
  readonly query: Pick<Query<unknown>, 'loading' | 'error'>;
  readonly page: (Page & { readonly nodes: readonly Row[] }) | null | undefined;
  readonly paging: Paging;
  /** The number of all rows, if it is known. */
  readonly total?: number | undefined;
  readonly empty: string;
  readonly sorting?: Sorting<Field>;
  readonly onSort?: (sorting: Sorting<Field>) => void;
}

/** A page of a connection as a table, with the buttons to the other pages. */
export function PagedTable<Row extends { readonly id: string }, Field extends string = never>(
  props: PagedTableProps<Row, Field>,
): JSX.Element {
  return (
    <>
      <DataTable {...props} rows={props.page?.nodes} busy={props.query.loading()} error={props.query.error()} />
      <Pager paging={props.paging} page={props.page} total={props.total} busy={props.query.loading()} />
    </>
  );
}
