const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { token userErrors { message } }
}`;

export interface Session {
  token: string;
  /** Acts from an organization below your own. */
  organizationId?: string;
}

/** Signs in. Rejects with a message to show if the address or the password is wrong. */
export async function signIn(url: string, email: string, password: string): Promise<Session> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query: SIGN_IN, variables: { input: { email, password } } }),
  });
  const { data, errors } = await response.json();
  const problem = errors?.[0] ?? data.signIn.userErrors[0];
  if (problem) throw new Error(problem.message);
  return { token: data.signIn.token };
}

/** The headers of a request, and the payload with which a WebSocket begins. */
export function headersOf({ token, organizationId }: Session): Record<string, string> {
  return {
    Authorization: `Bearer ${token}`,
    ...(organizationId && { 'Dialtree-Organization': organizationId }),
  };
}

/** Whether an error of a response says that the session has ended: ask the user to sign in again. */
export function isSignedOut(error: { extensions?: Record<string, unknown> }): boolean {
  return error.extensions?.code === 'UNAUTHENTICATED';
}
