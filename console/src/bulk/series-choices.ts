import type { SeriesStockFragment } from '../api/generated';
import { formatNumber } from '../format';

/** The series of which there are available numbers, with how many. */
export function seriesChoices(stock: readonly SeriesStockFragment[]): readonly { value: string; label: string }[] {
  return stock
    .filter(({ available }) => available > 0)
    .map(({ series, available }) => ({ value: series.id, label: `${series.name} (${formatNumber(available)} available)` }));
}
