import { HashRouter, Route } from '@solidjs/router';
import { For, Match, Show, Switch, type JSX } from 'solid-js';
import { ViewerDocument } from './api/generated';
import { createQuery } from './api/query';
import { Alert } from './components/alert';
import { Announcements } from './components/announcements';
import { session } from './session';
import { Layout } from './shell/layout';
import { PAGES } from './shell/pages';
import { SignIn } from './shell/sign-in';
import { ViewerContext } from './shell/viewer';

export function App(): JSX.Element {
  return (
    <>
      <Show when={session()} fallback={<SignIn />}>
        <SignedIn />
      </Show>
      <Announcements />
    </>
  );
}

function SignedIn(): JSX.Element {
  const query = createQuery(ViewerDocument, () => ({}));
  return (
    <Switch>
      <Match when={query.data()?.viewer}>
        {viewer => (
          <ViewerContext.Provider value={viewer}>
            <HashRouter root={Layout}>
              <For each={PAGES}>{page => <Route path={page.path} component={page.component} />}</For>
              <Route path="*" component={NotFound} />
            </HashRouter>
          </ViewerContext.Provider>
        )}
      </Match>
      <Match when={query.error()}>
        <Alert message={query.error()} />
      </Match>
    </Switch>
  );
}

function NotFound(): JSX.Element {
  return (
    <>
      <h1>There is no such page</h1>
      <p>
        <a href="#/">Go to the dashboard</a>
      </p>
    </>
  );
}
