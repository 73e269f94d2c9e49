// Sends a file, for a mutation that reads it as a job.
import { describeError, sessionHeaders } from './client';

/** The outcome of sending a file: its id, or why it was refused. */
export type Uploaded = { readonly id: string } | { readonly error: string };

type Answer = { readonly id: string } | { readonly errors: readonly { readonly message: string }[] };

export async function upload(file: File): Promise<Uploaded> {
  try {
    const headers = { ...sessionHeaders(), 'Content-Type': 'text/csv' };
    const response = await fetch('/upload', { method: 'POST', headers, body: file });
    const answer = (await response.json()) as Answer;
    return 'id' in answer ? answer : { error: describeError({ graphQLErrors: answer.errors }) };
  } catch {
    return { error: describeError({ graphQLErrors: [] }) };
  }
}
