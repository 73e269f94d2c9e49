import { createSignal, Show, type JSX } from 'solid-js';
import { InviteUsersDocument } from '../api/generated';
import { BulkDialog } from '../bulk/bulk-dialog';
import { createCsvSource, CsvFields } from '../bulk/csv-source';
import { Checkbox } from '../components/checkbox';
import { count } from '../format';

const COLUMNS =
  'First name, last name, email address and, if you like, number, reserved tag and series. ' +
  'A first line with the names of the columns allows another order.';
const EXAMPLE = 'first_name,last_name,email,number,reserved_tag,series\nGrace,Hopper,grace@example.com,,front desk,';

/** Invites the users of a list. */
export function InviteManyDialog(props: { organizationId: string; onClose: () => void }): JSX.Element {
  const source = createCsvSource();
  const [sends, setSends] = createSignal(true);
  const [skips, setSkips] = createSignal(false);
  return (
    <BulkDialog
      title="Invite several users"
      mutation={InviteUsersDocument}
      input={{
        ...source.input(),
        organizationId: props.organizationId,
        sendInvitation: sends(),
        onError: skips() ? 'SKIP' : 'REFUSE',
      }}
      button={sends() ? 'Send the invitations' : 'Save the users'}
      missing={source.missing()}
      jobOnly={source.kind() === 'FILE'}
      preview={outcome => (
        <p>
          {count(outcome.invitedCount, 'user')} would be {sends() ? 'invited' : 'saved'}
          <Show when={outcome.skippedCount > 0}>, and {count(outcome.skippedCount, 'line')} skipped</Show>.
        </p>
      )}
      done={outcome => `${count(outcome.invitedCount, 'user')} ${sends() ? 'invited' : 'saved'}.`}
      onClose={props.onClose}
    >
      <CsvFields source={source} columns={COLUMNS} example={EXAMPLE} />
      <Checkbox checked={skips()} onChange={setSkips}>
        Skip invalid lines, and invite the others
      </Checkbox>
      <Checkbox checked={sends()} onChange={setSends}>
        Send the invitations by mail now
      </Checkbox>
    </BulkDialog>
  );
}
