// The two reports. A link is signed and short-lived, because a browser cannot send a token with a download.
import { createSignal, type JSX } from 'solid-js';
import {
  ConsumptionReportDocument,
  type TypedDocumentString,
  type UtilizationReportQuery,
  type UtilizationReportQueryVariables,
} from '../api/generated';
import { fetchOnce } from '../api/query';
import { announce } from '../components/announcements';
import { TextField } from '../components/form';
import { FormDialog } from '../components/form-dialog';
import { Icon } from '../components/icons';

function save(url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  link.click();
}

interface DownloadButtonProps {
  readonly document: TypedDocumentString<UtilizationReportQuery, UtilizationReportQueryVariables>;
  readonly label: string;
}

export function DownloadButton(props: DownloadButtonProps): JSX.Element {
  const download = async (): Promise<void> => {
    try {
      const { numberUtilizationReport: link } = await fetchOnce(props.document, {});
      if (link) save(link.url);
    } catch (error) {
      announce((error as Error).message);
    }
  };
  return (
    <button class="icon-button" type="button" aria-label={props.label} title={props.label} onClick={() => void download()}>
      <Icon name="download" />
    </button>
  );
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** The Consumption report (voice, messages and data) of a period, by default of the current month. */
export function ConsumptionButton(): JSX.Element {
  const [open, setOpen] = createSignal(false);
  return (
    <>
      <button
        class="icon-button"
        type="button"
        aria-label="Download the Consumption report"
        title="Download the Consumption report"
        onClick={() => setOpen(true)}
      >
        <Icon name="download" />
      </button>
      {open() && <ConsumptionDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function ConsumptionDialog(props: { onClose: () => void }): JSX.Element {
  const [from, setFrom] = createSignal(`${today().slice(0, 7)}-01`);
  const [to, setTo] = createSignal(today());
  const [error, setError] = createSignal('');
  const submit = async (): Promise<void> => {
    try {
      const { consumptionReport: link } = await fetchOnce(ConsumptionReportDocument, { from: from(), to: to() });
      if (link) save(link.url);
      props.onClose();
    } catch (failure) {
      setError((failure as Error).message);
    }
  };
  return (
    <FormDialog
      title="Consumption report"
      errors={error() ? [{ message: error(), path: [] }] : []}
      pending={false}
      onSubmit={submit}
      submit="Download"
      onClose={props.onClose}
    >
      <p>Voice, messages and data of each user and number, as a CSV file.</p>
      <TextField name="from" label="From" type="date" value={from()} onInput={setFrom} />
      <TextField name="to" label="To" type="date" value={to()} onInput={setTo} />
    </FormDialog>
  );
}
