import { useMutation, useQuery, useSubscription } from '@apollo/client/react';
import { useState } from 'react';
import { hasNews, Page, PAGE_SIZE } from '../shared/page';
import { useFirst } from '../shared/use-first';
import { graphql } from './__generated__';
import type { PhoneNumberFilter } from './__generated__/graphql';

const NUMBERS = graphql(`
  query Numbers($filter: PhoneNumberFilter!, $first: Int!, $after: String) {
    phoneNumbers(filter: $filter, first: $first, after: $after) {
      changesCursor
      edges { node { id number status reservedTag } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const RESERVE = graphql(`
  mutation Reserve($input: ReserveNumbersInput!) {
    reserveNumbers(input: $input) {
      phoneNumbers { id status reservedTag }
      userErrors { message }
    }
  }
`);

const CHANGES = graphql(`
  subscription Changes($filter: PhoneNumberFilter!, $after: String) {
    phoneNumbersChanged(filter: $filter, after: $after) {
      cursor
      changedCount
      goneIds
      phoneNumbers { id status reservedTag }
    }
  }
`);

export function Numbers({ filter }: { filter: PhoneNumberFilter }) {
  const { data, error, fetchMore, refetch } = useQuery(NUMBERS, { variables: { filter, first: PAGE_SIZE } });
  const numbers = data?.phoneNumbers.edges.map(({ node }) => node) ?? [];

  const [problem, setProblem] = useState<string>();
  const [reserve] = useMutation(RESERVE);
  const onReserve = async (numberId: string, tag: string) => {
    // The key makes it safe to send the request twice.
    const input = { numberIds: [numberId], tag, idempotencyKey: crypto.randomUUID() };
    try {
      const { data: answer } = await reserve({ variables: { input } });
      setProblem(answer?.reserveNumbers?.userErrors[0]?.message);
    } catch (failure) {
      setProblem((failure as Error).message);
    }
  };

  const [isOutdated, setOutdated] = useState(false);
  const after = useFirst(data?.phoneNumbers.changesCursor);
  useSubscription(CHANGES, {
    variables: { filter, after },
    skip: !after,
    ignoreResults: true,
    // The cache has stored the numbers as they are now.
    onData({ data: { data: event }, client }) {
      if (!event) return;
      const change = event.phoneNumbersChanged;
      for (const id of change.goneIds) client.cache.evict({ id: client.cache.identify({ __typename: 'PhoneNumber', id }) });
      if (hasNews(change, numbers)) setOutdated(true);
    },
  });

  const page = data?.phoneNumbers.pageInfo;
  return (
    <Page
      numbers={numbers}
      problem={problem ?? error?.message}
      onReserve={onReserve}
      onMore={page?.hasNextPage ? () => void fetchMore({ variables: { after: page.endCursor } }) : undefined}
      onReload={
        isOutdated
          ? () => {
              setOutdated(false);
              void refetch({ first: Math.max(numbers.length, PAGE_SIZE) });
            }
          : undefined
      }
    />
  );
}
