import { ApolloProvider } from '@apollo/client/react';
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { Suspense, useMemo, useState, type ReactNode } from 'react';
import { RelayEnvironmentProvider } from 'react-relay';
import { Provider } from 'urql';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createApolloClient } from '../apollo/client';
import { Numbers as ApolloNumbers } from '../apollo/numbers';
import { createRelayEnvironment } from '../relay/environment';
import { Numbers as RelayNumbers } from '../relay/numbers';
import { ErrorBoundary } from '../shared/page';
import { signIn, type Session } from '../shared/session';
import { createUrqlClient } from '../urql/client';
import { Numbers as UrqlNumbers } from '../urql/numbers';
import { ask, server } from './server';

interface Props {
  url: string;
  session: Session;
  filter: { startsWith: string };
  onSignedOut: () => void;
}

function Apollo({ url, session, filter, onSignedOut }: Props) {
  const [client] = useState(() => createApolloClient(url, session, onSignedOut));
  return (
    <ApolloProvider client={client}>
      <ApolloNumbers filter={filter} />
    </ApolloProvider>
  );
}

function Urql({ url, session, filter, onSignedOut }: Props) {
  const [version, setVersion] = useState(0);
  const client = useMemo(() => createUrqlClient(url, session, onSignedOut), [url, session, onSignedOut, version]);
  return (
    <Provider key={version} value={client}>
      <UrqlNumbers filter={filter} onReload={() => setVersion(version + 1)} />
    </Provider>
  );
}

function Relay({ url, session, filter, onSignedOut }: Props) {
  const [environment] = useState(() => createRelayEnvironment(url, session, onSignedOut));
  return (
    <RelayEnvironmentProvider environment={environment}>
      <ErrorBoundary>
        <Suspense>
          <RelayNumbers filter={filter} />
        </Suspense>
      </ErrorBoundary>
    </RelayEnvironmentProvider>
  );
}

const CLIENTS: [string, string, (props: Props) => ReactNode][] = [
  ['Apollo Client', '+1418556', Apollo],
  ['urql', '+1418557', Urql],
  ['Relay', '+1418558', Relay],
];

let session: Session;
beforeAll(async () => {
  session = await signIn(server.url, server.email, server.password);
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

test('a wrong password is refused in words for the user', async () => {
  await expect(signIn(server.url, server.email, 'wrong')).rejects.toThrow('Wrong email address or password.');
});

const rows = () => screen.queryAllByRole('listitem').map(row => row.textContent!.split('Reserve')[0]!.trim());
const shows = (expected: string[]) => waitFor(() => expect(rows()).toEqual(expected), { timeout: 10_000 });
const click = async (name: string) => fireEvent.click(await screen.findByRole('button', { name }, { timeout: 10_000 }));
const says = async (text: string | RegExp) =>
  waitFor(() => expect(within(screen.getByRole('alert')).getByText(text)).toBeTruthy(), { timeout: 10_000 });

async function numberId(number: string): Promise<string> {
  const { phoneNumber } = await ask(session.token, 'query ($n: E164) { phoneNumber(number: $n) { id } }', { n: number });
  return phoneNumber.id;
}

describe.each(CLIENTS)('%s', (_name, prefix, App) => {
  const number = (last: number) => `${prefix}010${last}`;
  const filter = { startsWith: prefix };
  const page = (props: Partial<Props> = {}) =>
    render(<App url={server.url} session={session} filter={filter} onSignedOut={() => {}} {...props} />);

  test('lists page by page, changes, and follows the changes of others', async () => {
    page();
    await shows([`${number(0)} AVAILABLE`, `${number(1)} AVAILABLE`]);
    await click('More');
    await shows([0, 1, 2, 3].map(last => `${number(last)} AVAILABLE`));
    await click('More');
    await shows([0, 1, 2, 3, 4].map(last => `${number(last)} AVAILABLE`));
    expect(screen.queryByRole('button', { name: 'More' })).toBeNull();

    await click(`Reserve ${number(1)}`);
    await says('The reserved tag is blank.');
    fireEvent.change(screen.getByRole('textbox'), { target: { value: 'desk' } });
    await click(`Reserve ${number(1)}`);
    const others = [2, 3, 4].map(last => `${number(last)} AVAILABLE`);
    await shows([`${number(0)} AVAILABLE`, `${number(1)} RESERVED desk`, ...others]);
    expect(screen.queryByRole('alert')).toBeNull();

    const edit = 'mutation ($input: EditReservedTagInput!) { editReservedTag(input: $input) { operationId } }';
    await ask(session.token, edit, { input: { numberId: await numberId(number(1)), tag: 'lobby' } });
    await shows([`${number(0)} AVAILABLE`, `${number(1)} RESERVED lobby`, ...others]);

    const retire = 'mutation ($input: RetireNumbersInput!) { retireNumbers(input: $input) { changedCount } }';
    await ask(session.token, retire, { input: { numberIds: [await numberId(number(3))] } });
    const left = [`${number(0)} AVAILABLE`, `${number(1)} RESERVED lobby`, others[0]!, others[2]!];
    await shows(left);

    expect(screen.queryByRole('button', { name: 'Show new numbers' })).toBeNull();
    const add = 'mutation ($input: AddNumbersInput!) { addNumbers(input: $input) { userErrors { message } } }';
    const { series } = await ask(session.token, '{ series { nodes { id } } }');
    const input = { numbers: [number(9)], seriesId: series.nodes[0].id };
    expect(await ask(session.token, add, { input })).toEqual({ addNumbers: { userErrors: [] } });
    await click('Show new numbers');
    // Where it begins again with the first page, the others follow.
    while (!rows().at(-1)?.startsWith(number(9))) {
      const before = rows().length;
      if (screen.queryByRole('button', { name: 'More' })) await click('More');
      await waitFor(() => expect(rows().length).toBeGreaterThan(before), { timeout: 1000 }).catch(() => {});
    }
    await shows([...left, `${number(9)} AVAILABLE`]);
  });

  test('repeats a request that the server could not answer yet', async () => {
    const ask = globalThis.fetch;
    const body = JSON.stringify({ errors: [{ message: 'The database is away.', extensions: { code: 'UNAVAILABLE' } }] });
    const away = new Response(body, { status: 503, headers: { 'Content-Type': 'application/json', 'Retry-After': '0' } });
    const fetching = vi.spyOn(globalThis, 'fetch').mockImplementationOnce(async () => away).mockImplementation(ask);
    page();
    await waitFor(() => expect(rows()).toHaveLength(2));
    expect(fetching).toHaveBeenCalledTimes(2);
  });

  test('shows why a request was refused', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    page({ url: server.limitedUrl });
    await says(/^You have used up your 1 points per minute\./);
  });

  test('notices that the session has ended', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const signedOut = vi.fn();
    page({ session: { token: 'dts_unknown' }, onSignedOut: signedOut });
    await says('Sign in first: send `Authorization: Bearer TOKEN`.');
    expect(signedOut).toHaveBeenCalled();
  });
});
