import { createClient } from '@atelier/client-sdk';
import { useEffect, useMemo, useState } from 'react';
import { readStored, writeStored } from './browser-storage.js';
import { Operations } from './operations/operations.js';
import { parseRoute, type Route } from './route.js';
import { Studio } from './studio/studio.js';
import { applyTheme, storedTheme, THEMES, type Theme } from './theme.js';

/** The page: a header, and one of the two views that the address names behind `#`. */
export function App() {
  const route = useRoute();
  const [apiKey, setApiKey] = useState(() => readStored('key'));
  const client = useMemo(() => createClient({ baseUrl: '', ...(apiKey === '' ? {} : { apiKey }) }), [apiKey]);
  const onKey = (key: string) => {
    writeStored('key', key);
    setApiKey(key);
  };
  return (
    <>
      <button type="button" className="skip-link" onClick={() => document.getElementById('main-view')?.focus()}>
        Skip to content
      </button>
      <header className="page-header">
        <a className="wordmark" href="#/">
          <span aria-hidden="true" className="wordmark-sign">
            A
          </span>
          Atelier
        </a>
        <nav aria-label="Views">
          <ViewLink route={route} view="studio" href="#/" label="Studio" />
          <ViewLink route={route} view="operations" href="#/operations" label="Operations" />
          <a href="/docs">API</a>
        </nav>
        <KeyField apiKey={apiKey} onKey={onKey} />
        <ThemeToggle />
      </header>
      <main id="main-view" tabIndex={-1} key={apiKey}>
        {route.view === 'studio' ? <Studio client={client} /> : <Operations client={client} job={route.job} />}
      </main>
    </>
  );
}

function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const onChange = () => setHash(location.hash);
    window.addEventListener('hashchange', onChange);
    return () => window.removeEventListener('hashchange', onChange);
  }, []);
  return useMemo(() => parseRoute(hash), [hash]);
}

function ViewLink(props: { route: Route; view: Route['view']; href: string; label: string }) {
  return (
    <a href={props.href} aria-current={props.route.view === props.view ? 'page' : undefined}>
      {props.label}
    </a>
  );
}

function ThemeToggle() {
  const [theme, setTheme] = useState<Theme>(storedTheme);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] as Theme;
  const onClick = () => {
    applyTheme(next);
    setTheme(next);
  };
  return (
    <button type="button" className="quiet" onClick={onClick} title={`Colours: ${theme}. Click for ${next}.`}>
      <span aria-hidden="true">{{ auto: '◐', light: '☀', dark: '☾' }[theme]}</span>{' '}
      <span className="theme-name">{theme}</span>
      <span className="for-screen-readers"> colours, switch to {next}</span>
    </button>
  );
}

function KeyField({ apiKey, onKey }: { apiKey: string; onKey: (key: string) => void }) {
  const [draft, setDraft] = useState(apiKey);
  return (
    <details className="key-field">
      <summary>{apiKey === '' ? 'Key' : 'Key set'}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onKey(draft.trim());
        }}
      >
        <label htmlFor="api-key">API key</label>
        <input
          id="api-key"
          type="password"
          autoComplete="off"
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
        />
        <button type="submit">Use this key</button>
        <p className="hint">Only needed where the server asks for keys. It stays in this browser.</p>
      </form>
    </details>
  );
}
