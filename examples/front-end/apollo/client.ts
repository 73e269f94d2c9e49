import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache } from '@apollo/client';
import { ErrorLink } from '@apollo/client/link/error';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { createLiveClient } from '../shared/live';
import { patientFetch } from '../shared/patient-fetch';
import { headersOf, isSignedOut, type Session } from '../shared/session';

/** A client with the cache of one session. */
export function createApolloClient(url: string, session: Session, onSignedOut: () => void): ApolloClient {
  const http = new HttpLink({ uri: url, headers: headersOf(session), fetch: patientFetch });
  const live = new GraphQLWsLink(createLiveClient(url, session));
  const errors = new ErrorLink(({ error }) => {
    if (CombinedGraphQLErrors.is(error) && error.errors.some(isSignedOut)) onSignedOut();
  });
  return new ApolloClient({
    link: errors.concat(ApolloLink.split(({ operationType }) => operationType === 'subscription', live, http)),
    cache: new InMemoryCache({
      typePolicies: {
        // One list for each filter and order, whatever the size of its pages.
        Query: { fields: { phoneNumbers: relayStylePagination(['filter', 'orderBy']) } },
      },
    }),
  });
}
