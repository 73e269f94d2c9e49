import { A, useLocation, type RouteSectionProps } from '@solidjs/router';
import { createEffect, createSignal, For, on, Show, type JSX } from 'solid-js';
import { client } from '../api/client';
import { SignOutDocument } from '../api/generated';
import { followNumbers } from '../api/live';
import { Icon, Logo } from '../components/icons';
import { configuration, endSession, session } from '../session';
import { PAGES } from './pages';
import { OrganizationSwitch } from './organization-switch';
import { keepSession } from './renewal';
import { useViewer } from './viewer';

async function signOut(): Promise<void> {
  // A key is no session: it stays valid, and is only forgotten.
  if (session()?.expiresAt) await client().mutation(SignOutDocument.toString(), {}).toPromise();
  endSession();
}

export function Layout(props: RouteSectionProps): JSX.Element {
  keepSession();
  followNumbers();
  const location = useLocation();
  let main: HTMLElement | undefined;
  // A new page is read from its heading on.
  createEffect(
    on(
      () => location.pathname,
      () => {
        main?.focus({ preventScroll: true });
        window.scrollTo(0, 0);
      },
      { defer: true },
    ),
  );
  return (
    <div class="layout">
      <Header path={location.pathname} />
      <main ref={main} tabindex="-1">
        {props.children}
      </main>
    </div>
  );
}

function Header(props: { path: string }): JSX.Element {
  const viewer = useViewer();
  const [open, setOpen] = createSignal(false);
  createEffect(on(() => props.path, () => setOpen(false)));
  const pages = () => PAGES.filter(page => page.allowed(viewer()));
  return (
    <header class="header" classList={{ open: open() }}>
      <div class="header-top">
        <A class="brand" href="/" end>
          <Logo />
          <span>Dialtree</span>
        </A>
        <OrganizationSwitch />
        <button
          class="icon-button nav-toggle"
          type="button"
          aria-label="Menu"
          aria-expanded={open()}
          aria-controls="navigation"
          onClick={() => setOpen(was => !was)}
        >
          <Icon name={open() ? 'close' : 'menu'} />
        </button>
      </div>
      <div class="header-rest" id="navigation">
        <nav aria-label="Pages of the console">
          <For each={pages()}>
            {page => (
              <A href={page.path} end activeClass="active" onClick={() => setOpen(false)}>
                {page.title}
              </A>
            )}
          </For>
        </nav>
        <div class="account">
          <p>
            {viewer().name}
            <small>{viewer().email ?? 'API key'}</small>
          </p>
          <Show when={configuration.graphiql}>
            <a href="/graphiql" rel="external">
              GraphiQL
            </a>
          </Show>
          <button class="link" type="button" onClick={() => void signOut()}>
            Sign out
          </button>
        </div>
      </div>
    </header>
  );
}
