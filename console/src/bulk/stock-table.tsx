import type { JSX } from 'solid-js';
import type { SeriesStockFragment } from '../api/generated';
import { DataTable, type Column } from '../components/data-table';
import { formatNumber } from '../format';

type Figure = 'available' | 'reserved' | 'assigned' | 'registered' | 'allocatedToSubOrganizations' | 'total';

function figure(header: string, name: Figure): Column<SeriesStockFragment> {
  return { header, class: 'figure', cell: stock => formatNumber(stock[name]) };
}

const COLUMNS: readonly Column<SeriesStockFragment>[] = [
  { header: 'Series', cell: stock => stock.series.name },
  figure('Available', 'available'),
  figure('Reserved', 'reserved'),
  figure('Assigned', 'assigned'),
  figure('Registered', 'registered'),
  figure('Allocated below', 'allocatedToSubOrganizations'),
  figure('Total', 'total'),
];

interface StockTableProps {
  readonly caption: string;
  readonly stock: readonly SeriesStockFragment[] | undefined;
  readonly busy: boolean;
  readonly error: string | undefined;
}

/** The numbers of an organization by series. */
export function StockTable(props: StockTableProps): JSX.Element {
  return (
    <DataTable
      caption={props.caption}
      columns={COLUMNS}
      rows={props.stock}
      busy={props.busy}
      error={props.error}
      empty="There are no numbers."
    />
  );
}
