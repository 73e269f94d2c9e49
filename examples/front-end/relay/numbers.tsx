import { useMemo, useState } from 'react';
import { graphql, useLazyLoadQuery, useMutation, usePaginationFragment, useSubscription } from 'react-relay';
import { hasNews, Page, PAGE_SIZE } from '../shared/page';
import type { numbersList$key } from './__generated__/numbersList.graphql';
import type { numbersListQuery } from './__generated__/numbersListQuery.graphql';
import type { numbersQuery, PhoneNumberFilter } from './__generated__/numbersQuery.graphql';
import type { numbersReserveMutation } from './__generated__/numbersReserveMutation.graphql';
import type { numbersSubscription } from './__generated__/numbersSubscription.graphql';

export function Numbers({ filter }: { filter: PhoneNumberFilter }) {
  const query = useLazyLoadQuery<numbersQuery>(
    graphql`
      query numbersQuery($filter: PhoneNumberFilter!, $first: Int!) {
        ...numbersList @arguments(filter: $filter, first: $first)
      }
    `,
    { filter, first: PAGE_SIZE },
  );
  return <List query={query} filter={filter} />;
}

function List({ query, filter }: { query: numbersList$key; filter: PhoneNumberFilter }) {
  const { data, hasNext, loadNext, refetch } = usePaginationFragment<numbersListQuery, numbersList$key>(
    graphql`
      fragment numbersList on Query
      @argumentDefinitions(filter: { type: "PhoneNumberFilter!" }, first: { type: "Int!" }, after: { type: "String" })
      @refetchable(queryName: "numbersListQuery") {
        phoneNumbers(filter: $filter, first: $first, after: $after) @connection(key: "List_phoneNumbers") {
          __id
          changesCursor
          edges { node { id number status reservedTag } }
        }
      }
    `,
    query,
  );
  const { __id: connection, changesCursor, edges } = data.phoneNumbers;
  const numbers = edges.map(({ node }) => node);

  const [problem, setProblem] = useState<string>();
  const [reserve] = useMutation<numbersReserveMutation>(graphql`
    mutation numbersReserveMutation($input: ReserveNumbersInput!) {
      reserveNumbers(input: $input) {
        phoneNumbers { id status reservedTag }
        userErrors { message }
      }
    }
  `);
  const onReserve = (numberId: string, tag: string) => {
    // The key makes it safe to send the request twice.
    const input = { numberIds: [numberId], tag, idempotencyKey: crypto.randomUUID() };
    reserve({
      variables: { input },
      onCompleted: ({ reserveNumbers }) => setProblem(reserveNumbers?.userErrors[0]?.message),
      onError: failure => setProblem(failure.message),
    });
  };

  const [isOutdated, setOutdated] = useState(false);
  useSubscription<numbersSubscription>(
    useMemo(
      () => ({
        subscription: graphql`
          subscription numbersSubscription($filter: PhoneNumberFilter!, $after: String, $connections: [ID!]!) {
            phoneNumbersChanged(filter: $filter, after: $after) {
              cursor
              changedCount
              goneIds @deleteEdge(connections: $connections)
              phoneNumbers { id status reservedTag }
            }
          }
        `,
        variables: { filter, after: changesCursor, connections: [connection] },
        onNext: event => {
          if (event && hasNews(event.phoneNumbersChanged, numbers)) setOutdated(true);
        },
      }),
      [filter, changesCursor, connection, numbers],
    ),
  );

  return (
    <Page
      numbers={numbers}
      problem={problem}
      onReserve={onReserve}
      onMore={hasNext ? () => void loadNext(PAGE_SIZE) : undefined}
      onReload={
        isOutdated
          ? () => {
              setOutdated(false);
              refetch({ first: Math.max(numbers.length, PAGE_SIZE) }, { fetchPolicy: 'network-only' });
            }
          : undefined
      }
    />
  );
}
