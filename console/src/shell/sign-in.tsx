import { createSignal, Show, type JSX } from 'solid-js';
import { createAction } from '../api/action';
import { SignInDocument } from '../api/generated';
import { Form, TextField } from '../components/form';
import { Logo } from '../components/icons';
import { configuration, endReason, startSession } from '../session';

export function SignIn(): JSX.Element {
  const action = createAction(SignInDocument, { idempotent: false });
  const [email, setEmail] = createSignal('');
  const [password, setPassword] = createSignal('');

  const submit = async (): Promise<void> => {
    const answer = await action.run({ email: email(), password: password() });
    if (answer?.token) startSession(answer.token, answer.expiresAt ?? null);
  };

  return (
    <main class="sign-in">
      <div class="brand">
        <Logo />
        <span>Dialtree</span>
      </div>
      <div class="panel">
        <h1>Sign in</h1>
        <Show when={endReason()}>
          <p class="note" role="status">
            {endReason()}
          </p>
        </Show>
        <Show when={configuration.demoKey}>{key => <DemoSignIn demoKey={key()} />}</Show>
        <Form errors={action.errors()} pending={action.pending()} onSubmit={submit} submit="Sign in">
          <TextField
            name="email"
            label="Email address"
            type="email"
            autocomplete="username"
            value={email()}
            onInput={setEmail}
          />
          <TextField
            name="password"
            label="Password"
            type="password"
            autocomplete="current-password"
            value={password()}
            onInput={setPassword}
          />
        </Form>
        <p class="foot">
          <a href="/password">Forgot your password?</a>
        </p>
      </div>
    </main>
  );
}

function DemoSignIn(props: { demoKey: string }): JSX.Element {
  return (
    <div class="demo">
      <p>This is a demo with a generated inventory. Try anything.</p>
      <button class="button primary" type="button" onClick={() => startSession(props.demoKey, null)}>
        Enter the demo
      </button>
      <p class="or">or with an account</p>
    </div>
  );
}
