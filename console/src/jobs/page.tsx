import { createSignal, For, Show, type JSX } from 'solid-js';
import { CancelJobDocument, FollowJobDocument, JobListDocument, type JobKind, type JobRowFragment } from '../api/generated';
import { refetchOn } from '../api/live';
import { createQuery } from '../api/query';
import { Confirmation } from '../components/confirmation';
import type { Column } from '../components/data-table';
import { PagedTable } from '../components/paged-table';
import { createPaging } from '../components/paging';
import { formatEnum, formatNumber, formatPercent, formatTime } from '../format';

const KINDS: Readonly<Record<JobKind, string>> = {
  MOVE: 'Move numbers',
  RESERVE: 'Reserve numbers',
  UNRESERVE: 'Unreserve numbers',
  ALLOCATE: 'Allocate numbers',
  WITHDRAW: 'Withdraw numbers',
  RETIRE: 'Retire numbers',
  ADD_NUMBERS: 'Add numbers',
  INVITE_USERS: 'Invite users',
};

const isOpen = (job: JobRowFragment): boolean => job.state === 'QUEUED' || job.state === 'RUNNING';

/** Long changes that run in the background, with their progress. */
export function JobsPage(): JSX.Element {
  const paging = createPaging();
  const query = createQuery(JobListDocument, () => ({ after: paging.after() }));
  const [cancelled, setCancelled] = createSignal<JobRowFragment>();
  const page = () => query.data()?.jobs;

  const columns: readonly Column<JobRowFragment>[] = [
    { header: 'What', class: 'brief', cell: job => KINDS[job.kind] },
    { header: 'State', class: 'state', cell: job => <State job={job} /> },
    { header: 'Changed', class: 'figure', cell: job => formatNumber(job.changedCount) },
    { header: 'Started', class: 'brief', cell: job => (job.startedAt ? formatTime(job.startedAt) : 'Not yet') },
    { header: 'Finished', class: 'brief', cell: job => (job.finishedAt ? formatTime(job.finishedAt) : 'Not yet') },
    {
      header: 'Report',
      class: 'brief',
      // External, or the router would take it for a page of the console.
      cell: job => (
        <Show when={job.report}>
          {link => (
            <a href={link().url} rel="external">
              Download
            </a>
          )}
        </Show>
      ),
    },
    {
      header: 'Actions',
      class: 'actions',
      cell: job => (
        <Show when={isOpen(job)}>
          <button class="button" type="button" onClick={() => setCancelled(job)}>
            Cancel
          </button>
        </Show>
      ),
    },
  ];

  return (
    <>
      <h1>Jobs</h1>
      <section class="panel flush" aria-label="Jobs">
        <PagedTable
          caption="Jobs"
          columns={columns}
          query={query}
          page={page()}
          paging={paging}
          total={page()?.totalCount}
          empty="No job has run yet."
        />
        <Show when={cancelled()} keyed>
          {job => (
            <Confirmation
              title="Cancel the job"
              text="The job stops, and nothing that it would have done is done."
              button="Cancel the job"
              mutation={CancelJobDocument}
              input={{ jobId: job.id }}
              done="The job is being cancelled."
              onClose={() => setCancelled(undefined)}
            />
          )}
        </Show>
      </section>
    </>
  );
}

function State(props: { job: JobRowFragment }): JSX.Element {
  return (
    <>
      {formatEnum(props.job.state)}
      <Show when={isOpen(props.job)}>
        <Progress job={props.job} />
      </Show>
      <For each={props.job.errors}>{error => <small>{error.message}</small>}</For>
    </>
  );
}

function Progress(props: { job: JobRowFragment }): JSX.Element {
  // eslint-disable-next-line solid/reactivity -- a row keeps its job
  refetchOn(FollowJobDocument, { id: props.job.id });
  return (
    <small>
      {formatNumber(props.job.done)}
      <Show when={props.job.total}>{total => <> of {formatNumber(total())}</>}</Show>
      <Show when={props.job.percent}>{percent => <> ({formatPercent(percent())})</>}</Show>
    </small>
  );
}
