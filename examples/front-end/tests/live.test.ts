import { expect, test, vi } from 'vitest';
import { createLiveClient } from '../shared/live';
import { signIn } from '../shared/session';
import { ask, server } from './server';

const CHANGES = `subscription ($filter: PhoneNumberFilter, $after: String) {
  phoneNumbersChanged(filter: $filter, after: $after) { cursor phoneNumbers { reservedTag } }
}`;
const START = 'query ($filter: PhoneNumberFilter) { phoneNumbers(filter: $filter) { changesCursor nodes { id } } }';
const EDIT = 'mutation ($input: EditReservedTagInput!) { editReservedTag(input: $input) { operationId } }';

test('a lost connection continues after the last change received', async () => {
  const session = await signIn(server.url, server.email, server.password);
  const filter = { startsWith: '+1418559' };
  const { phoneNumbers: list } = await ask(session.token, START, { filter });
  const edit = (tag: string) => ask(session.token, EDIT, { input: { numberId: list.nodes[0].id, tag } });

  const client = createLiveClient(server.url, session);
  const tags: string[] = [];
  const receives = (expected: string[]) => vi.waitFor(() => expect(tags).toEqual(expected), { timeout: 10_000 });
  client.subscribe<any>(
    { query: CHANGES, variables: { filter, after: list.changesCursor } },
    {
      next: ({ data }) => tags.push(data.phoneNumbersChanged.phoneNumbers[0].reservedTag),
      error: () => {},
      complete: () => {},
    },
  );
  await edit('first');
  await receives(['first']);
  client.terminate();
  await edit('second');
  await receives(['first', 'second']);
  await edit('third');
  await receives(['first', 'second', 'third']);
  await client.dispose();
});
