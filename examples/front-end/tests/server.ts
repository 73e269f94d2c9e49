import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    url: string;
    /** The same server with a rate limit that is used up. */
    limitedUrl: string;
    email: string;
    password: string;
  }
}

export const server = {
  url: inject('url'),
  limitedUrl: inject('limitedUrl'),
  email: inject('email'),
  password: inject('password'),
};

/** Runs an operation as another program does. */
export async function ask(token: string, query: string, variables?: object): Promise<any> {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}
