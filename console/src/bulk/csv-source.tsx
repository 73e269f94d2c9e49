// Lines of CSV that are pasted, or sent as a file.
import { createSignal, Show, type Accessor, type JSX } from 'solid-js';
import type { FormError } from '../api/action';
import { upload } from '../api/upload';
import { Field, TextArea, type Choice } from '../components/form';
import { RadioGroup } from '../components/radio-group';

type Kind = 'PASTE' | 'FILE';

const KINDS: readonly Choice<Kind>[] = [
  { value: 'PASTE', label: 'Paste lines' },
  { value: 'FILE', label: 'Upload a file of any length, which is read in the background' },
];
const NO_FILE: FormError = { message: 'Choose a file.', path: ['input', 'uploadId'] };

export interface CsvSource {
  readonly kind: Accessor<Kind>;
  readonly setKind: (kind: Kind) => void;
  readonly csv: Accessor<string>;
  readonly setCsv: (csv: string) => void;
  /** Sends the file, so that it is there when the form is sent. */
  readonly send: (file: File | undefined) => Promise<void>;
  readonly sending: Accessor<boolean>;
  readonly refusal: Accessor<string | undefined>;
  /** The part of the mutation's input. */
  readonly input: () => { readonly csv: string } | { readonly uploadId: string };
  readonly missing: () => FormError | undefined;
}

export function createCsvSource(): CsvSource {
  const [kind, setKind] = createSignal<Kind>('PASTE');
  const [csv, setCsv] = createSignal('');
  const [uploadId, setUploadId] = createSignal('');
  const [refusal, setRefusal] = createSignal<string>();
  const [sending, setSending] = createSignal(false);
  let newest: File | undefined;

  const send = async (file: File | undefined): Promise<void> => {
    newest = file;
    setUploadId('');
    setRefusal(undefined);
    setSending(file !== undefined);
    if (!file) return;
    const answer = await upload(file);
    if (newest !== file) return; // Another one was chosen meanwhile.
    setSending(false);
    if ('id' in answer) setUploadId(answer.id);
    else setRefusal(answer.error);
  };
  const input = () => (kind() === 'FILE' ? { uploadId: uploadId() } : { csv: csv() });
  const missing = (): FormError | undefined => {
    if (kind() !== 'FILE' || uploadId()) return undefined;
    return sending() ? { ...NO_FILE, message: 'Wait until the file is uploaded.' } : NO_FILE;
  };
  return { kind, setKind, csv, setCsv, send, sending, refusal, input, missing };
}

interface CsvFieldsProps {
  readonly source: CsvSource;
  /** What a line has. */
  readonly columns: string;
  readonly example: string;
}

export function CsvFields(props: CsvFieldsProps): JSX.Element {
  return (
    <>
      <RadioGroup legend="Source" choices={KINDS} value={props.source.kind()} onChange={props.source.setKind} />
      <Show
        when={props.source.kind() === 'FILE'}
        fallback={
          <TextArea
            name="csv"
            label="Lines"
            hint={props.columns}
            placeholder={props.example}
            value={props.source.csv()}
            onInput={props.source.setCsv}
          />
        }
      >
        <Field
          name="uploadId"
          label="File"
          hint={props.source.sending() ? 'Uploading …' : props.columns}
          problem={props.source.refusal()}
        >
          {control => (
            <input
              {...control}
              class="input"
              type="file"
              accept=".csv,.txt,text/csv,text/plain"
              onChange={event => void props.source.send(event.currentTarget.files?.[0])}
            />
          )}
        </Field>
      </Show>
    </>
  );
}
