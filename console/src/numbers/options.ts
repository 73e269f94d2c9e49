// The options of the dropdowns, searched on the server.
import { createMemo, type Accessor } from 'solid-js';
import { OrganizationOptionsDocument, SeriesOptionsDocument, StatusMeaningsDocument } from '../api/generated';
import { createQuery } from '../api/query';
import type { Options } from '../components/filter-dropdown';
import { afterPause } from '../components/after-pause';

export function seriesOptions(text: Accessor<string>): Options {
  const search = afterPause(text);
  const query = createQuery(SeriesOptionsDocument, () => ({ search: search.text() || null }));
  return {
    found: createMemo(() => query.data()?.series.nodes.map(({ id, name }) => ({ id, name }))),
    loading: () => search.typing() || query.loading(),
  };
}

export function organizationOptions(text: Accessor<string>): Options {
  const search = afterPause(text);
  const query = createQuery(OrganizationOptionsDocument, () => ({ search: search.text() || null }));
  return {
    found: createMemo(() =>
      query.data()?.organizations.nodes.map(({ id, name, path }) => ({ id, name, detail: path })),
    ),
    loading: () => search.typing() || query.loading(),
  };
}

export function statusOptions(): Options {
  const query = createQuery(StatusMeaningsDocument, () => ({}));
  return {
    found: createMemo(() => query.data()?.statusMeanings.map(({ status, label }) => ({ id: status, name: label }))),
    loading: query.loading,
  };
}
