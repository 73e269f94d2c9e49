import { For, Show, type JSX } from 'solid-js';
import { ActivityListDocument, type OperationRowFragment } from '../api/generated';
import { createQuery } from '../api/query';
import type { Column } from '../components/data-table';
import { PagedTable } from '../components/paged-table';
import { createPaging } from '../components/paging';
import { formatEnum, formatNumber, formatTime } from '../format';

const COLUMNS: readonly Column<OperationRowFragment>[] = [
  { header: 'Time', cell: operation => formatTime(operation.at) },
  { header: 'What', cell: operation => <What operation={operation} /> },
  { header: 'Numbers', class: 'figure', cell: operation => formatNumber(operation.changedCount) },
  { header: 'Organization', cell: operation => operation.organization?.name },
  { header: 'By', cell: operation => operation.actor },
];

/** What was done at the organization and below it. */
export function ActivityPage(): JSX.Element {
  const paging = createPaging();
  const query = createQuery(ActivityListDocument, () => ({ after: paging.after() }));
  const page = () => query.data()?.organization?.activity;
  return (
    <>
      <h1>Activity</h1>
      <section class="panel flush" aria-label="Activity">
        <PagedTable
          caption="Activity"
          columns={COLUMNS}
          query={query}
          page={page()}
          paging={paging}
          empty="Nothing was done yet."
        />
      </section>
    </>
  );
}

function What(props: { operation: OperationRowFragment }): JSX.Element {
  return (
    <>
      {formatEnum(props.operation.action)}
      <For each={props.operation.changes}>
        {change => (
          <small>
            {change.field}: <Show when={change.before}>{change.before} → </Show>
            {change.after ?? 'none'}
          </small>
        )}
      </For>
    </>
  );
}
