import type { NumberStatus, PhoneNumberFilter } from '../api/generated';
import type { Option } from '../components/filter-dropdown';

/** What the panel *Search By* holds. */
export interface NumberSearch {
  readonly text: string;
  readonly series: readonly Option[];
  readonly organizations: readonly Option[];
  readonly includeDescendants: boolean;
  readonly statuses: readonly Option[];
}

export const EMPTY_SEARCH: NumberSearch = {
  text: '',
  series: [],
  organizations: [],
  includeDescendants: false,
  statuses: [],
};

const ids = (options: readonly Option[]): string[] | null =>
  options.length > 0 ? options.map(option => option.id) : null;

export function filterOf(search: NumberSearch): PhoneNumberFilter {
  return {
    text: search.text.trim() || null,
    seriesIds: ids(search.series),
    organizationIds: ids(search.organizations),
    includeDescendants: search.includeDescendants,
    statuses: ids(search.statuses) as NumberStatus[] | null,
  };
}

/** Whether a filter leaves any number out. */
export function isRestricted({ text, statuses, seriesIds, organizationIds }: PhoneNumberFilter): boolean {
  return [text, statuses, seriesIds, organizationIds].some(Boolean);
}
