import { useState } from 'react';
import { useMutation, useQuery, useSubscription } from 'urql';
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

interface Props {
  filter: PhoneNumberFilter;
  /** Shows the page with a new client: pages that are cached one by one cannot be loaded again as one list. */
  onReload: () => void;
}

export function Numbers({ filter, onReload }: Props) {
  const [after, setAfter] = useState<string>();
  const [{ data, error }] = useQuery({ query: NUMBERS, variables: { filter, first: PAGE_SIZE, after } });
  const numbers = data?.phoneNumbers.edges.map(({ node }) => node) ?? [];

  const [problem, setProblem] = useState<string>();
  const [, reserve] = useMutation(RESERVE);
  const onReserve = async (numberId: string, tag: string) => {
    // The key makes it safe to send the request twice.
    const input = { numberIds: [numberId], tag, idempotencyKey: crypto.randomUUID() };
    const { data: answer, error: failure } = await reserve({ input });
    setProblem(describe(failure) ?? answer?.reserveNumbers?.userErrors[0]?.message);
  };

  const [isOutdated, setOutdated] = useState(false);
  const start = useFirst(data?.phoneNumbers.changesCursor);
  useSubscription({ query: CHANGES, variables: { filter, after: start }, pause: !start }, (_, event) => {
    if (hasNews(event.phoneNumbersChanged, numbers)) setOutdated(true);
    return event;
  });

  const page = data?.phoneNumbers.pageInfo;
  return (
    <Page
      numbers={numbers}
      problem={problem ?? describe(error)}
      onReserve={onReserve}
      onMore={page?.hasNextPage ? () => setAfter(page.endCursor ?? undefined) : undefined}
      onReload={isOutdated ? onReload : undefined}
    />
  );
}

/** The words of the server. urql's own `message` begins with the kind of error. */
function describe(error?: { message: string; graphQLErrors: readonly { message: string }[] }): string | undefined {
  return error?.graphQLErrors[0]?.message ?? error?.message;
}
