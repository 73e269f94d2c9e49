// The options of the dropdowns, searched on the server.
import { createMemo, type Accessor } from 'solid-js';
import { OrganizationOptionsDocument, SeriesOptionsDocument, StatusMeaningsDocument } from '../api/generated';
import { createQuery } from '../api/query';
import type { Option } from '../components/filter-dropdown';
import { afterPause } from '../components/after-pause';

type Options = Accessor<readonly Option[] | undefined>;

export function seriesOptions(text: Accessor<string>): Options {
  const search = afterPause(text);
  const query = createQuery(SeriesOptionsDocument, () => ({ search: search() || null }));
  return createMemo(() => query.data()?.series.nodes.map(({ id, name }) => ({ id, name })));
}

export function organizationOptions(text: Accessor<string>): Options {
  const search = afterPause(text);
  const query = createQuery(OrganizationOptionsDocument, () => ({ search: search() || null }));
  return createMemo(() => query.data()?.organizations.nodes.map(({ id, name, path }) => ({ id, name, detail: path })));
}

export function statusOptions(): Options {
  const query = createQuery(StatusMeaningsDocument, () => ({}));
  return createMemo(() => query.data()?.statusMeanings.map(({ status, label }) => ({ id: status, name: label })));
}
