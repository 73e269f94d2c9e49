const ATTEMPTS = 3;
const PATIENCE_SECONDS = 10;

/**
 * As `fetch`, but waits and repeats the request if the server asks for a moment: 429 if the caller has used up its rate
 * limit, 503 if the database is away. Repeating a mutation is safe if its input has an `idempotencyKey`.
 */
export async function patientFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(input, init);
    const seconds = Number(response.headers.get('Retry-After') ?? Infinity);
    const isBusy = response.status === 429 || response.status === 503;
    if (!isBusy || attempt === ATTEMPTS || seconds > PATIENCE_SECONDS) return response;
    await new Promise(resolve => setTimeout(resolve, 1000 * seconds));
  }
}
