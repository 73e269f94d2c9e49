import { Environment, Network, Observable, RecordSource, Store, type GraphQLResponse } from 'relay-runtime';
import { createLiveClient } from '../shared/live';
import { patientFetch } from '../shared/patient-fetch';
import { headersOf, isSignedOut, type Session } from '../shared/session';

/** An environment with the store of one session. */
export function createRelayEnvironment(url: string, session: Session, onSignedOut: () => void): Environment {
  const live = createLiveClient(url, session);
  return new Environment({
    store: new Store(new RecordSource()),
    network: Network.create(
      async ({ text, name }, variables) => {
        const response = await patientFetch(url, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', ...headersOf(session) },
          body: JSON.stringify({ query: text, operationName: name, variables }),
        });
        const result = await response.json();
        if (result.errors?.some(isSignedOut)) onSignedOut();
        // Relay would wrap the words of the server in its own.
        if (result.errors && !result.data) throw new Error(result.errors[0].message);
        return result as GraphQLResponse;
      },
      ({ text, name }, variables) =>
        Observable.create(sink =>
          live.subscribe({ query: text!, operationName: name, variables }, {
            ...sink,
            next: result => sink.next(result as GraphQLResponse),
            error: failure => sink.error(Array.isArray(failure) ? new Error(failure[0].message) : (failure as Error)),
          }),
        ),
    ),
  });
}
