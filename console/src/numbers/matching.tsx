// Changes of all numbers that match a search.
import { createSignal, Match, Show, Switch, type JSX } from 'solid-js';
import type { FormError } from '../api/action';
import {
  MoveNumbersDocument,
  ReserveNumbersDocument,
  RetireNumbersDocument,
  UnreserveNumbersDocument,
  type NumberAction,
  type NumberRowFragment,
  type PhoneNumberFilter,
  type TreeNodeFragment,
} from '../api/generated';
import { BulkDialog } from '../bulk/bulk-dialog';
import { Preview } from '../bulk/preview';
import { ActionMenu } from '../components/action-menu';
import { TextField } from '../components/form';
import { count } from '../format';
import { OrganizationPicker } from '../organizations/picker';

const LABELS: readonly (readonly [NumberAction, string])[] = [
  ['MOVE', 'Move'],
  ['RESERVE', 'Reserve'],
  ['UNRESERVE', 'Unreserve'],
  ['RETIRE', 'Retire'],
];
const NO_TARGET: FormError = {
  message: 'Choose the organization to move them to.',
  path: ['input', 'organizationId'],
};

interface Matching {
  readonly filter: PhoneNumberFilter;
  /** How many match. If that has changed meanwhile, the change is refused. */
  readonly total: number;
}

interface MatchingMenuProps extends Matching {
  /** The rows that are shown: what can be done with one of them is offered for all. */
  readonly rows: readonly NumberRowFragment[];
}

/** The menu above a table of numbers. */
export function MatchingMenu(props: MatchingMenuProps): JSX.Element {
  const [chosen, setChosen] = createSignal<Matching & { action: NumberAction }>();
  const items = () =>
    LABELS.filter(([action]) => props.rows.some(row => row.availableActions.includes(action))).map(
      ([action, label]) => ({
        label: `${label} …`,
        onSelect: () => setChosen({ action, filter: props.filter, total: props.total }),
      }),
    );
  return (
    <>
      <Show when={items().length > 0}>
        <div class="panel-head inset">
          <ActionMenu label="Change all matches" labelled items={items()} />
        </div>
      </Show>
      <Show when={chosen()} keyed>
        {matching => <MatchingDialog {...matching} onClose={() => setChosen(undefined)} />}
      </Show>
    </>
  );
}

type DialogProps = Matching & { readonly onClose: () => void };

function MatchingDialog(props: DialogProps & { action: NumberAction }): JSX.Element {
  return (
    <Switch>
      <Match when={props.action === 'MOVE'}>
        <MoveMatching {...props} />
      </Match>
      <Match when={props.action === 'RESERVE'}>
        <ReserveMatching {...props} />
      </Match>
      <Match when={props.action === 'UNRESERVE'}>
        <BulkDialog
          title={`Unreserve ${count(props.total, 'number')}`}
          mutation={UnreserveNumbersDocument}
          input={selection(props)}
          button="Unreserve"
          preview={outcome => (
            <Preview outcome={outcome}>{count(outcome.changedCount, 'number')} would lose the tag:</Preview>
          )}
          done={outcome => `${count(outcome.changedCount, 'number')} unreserved.`}
          onClose={props.onClose}
        >
          <p>Their tags are deleted, and they are available again.</p>
        </BulkDialog>
      </Match>
      <Match when={props.action === 'RETIRE'}>
        <BulkDialog
          title={`Retire ${count(props.total, 'number')}`}
          mutation={RetireNumbersDocument}
          input={selection(props)}
          button="Retire"
          preview={outcome => (
            <Preview outcome={outcome}>{count(outcome.changedCount, 'number')} would leave the inventory:</Preview>
          )}
          done={outcome => `${count(outcome.changedCount, 'number')} retired.`}
          onClose={props.onClose}
        >
          <p>They leave the inventory. Their history stays readable.</p>
        </BulkDialog>
      </Match>
    </Switch>
  );
}

function selection(matching: Matching): { filter: PhoneNumberFilter; expectedCount: number } {
  return { filter: matching.filter, expectedCount: matching.total };
}

function MoveMatching(props: DialogProps): JSX.Element {
  const [target, setTarget] = createSignal<TreeNodeFragment | null>(null);
  return (
    <BulkDialog
      title={`Move ${count(props.total, 'number')}`}
      mutation={MoveNumbersDocument}
      input={{ ...selection(props), organizationId: target()?.id ?? '' }}
      button="Move"
      missing={target() ? undefined : NO_TARGET}
      preview={outcome => (
        <Preview outcome={outcome}>
          {count(outcome.changedCount, 'number')} would go to {target()?.name}:
        </Preview>
      )}
      done={outcome => `${count(outcome.changedCount, 'number')} moved to ${target()?.name}.`}
      onClose={props.onClose}
    >
      <OrganizationPicker name="organizationId" label="Organization" selected={target()} onSelect={setTarget} />
    </BulkDialog>
  );
}

function ReserveMatching(props: DialogProps): JSX.Element {
  const [tag, setTag] = createSignal('');
  return (
    <BulkDialog
      title={`Reserve ${count(props.total, 'number')}`}
      mutation={ReserveNumbersDocument}
      input={{ ...selection(props), tag: tag() }}
      button="Reserve"
      preview={outcome => (
        <Preview outcome={outcome}>
          {count(outcome.changedCount, 'number')} would be reserved for “{tag().trim()}”:
        </Preview>
      )}
      done={outcome => `${count(outcome.changedCount, 'number')} reserved for “${tag().trim()}”.`}
      onClose={props.onClose}
    >
      <TextField name="tag" label="Tag" value={tag()} onInput={setTag} />
    </BulkDialog>
  );
}
