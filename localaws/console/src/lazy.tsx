import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Loading, Problem } from "./components/empty";

// lazy is a page whose code is loaded when it is first opened.
export function lazy<P extends object = object>(load: () => Promise<{ Page: FunctionComponent<P> }>): FunctionComponent<P> {
  let loaded: FunctionComponent<P> | null = null;
  return function Lazy(props: P) {
    const [failed, setFailed] = useState("");
    const [Page, setPage] = useState(() => loaded);
    useEffect(() => {
      if (loaded) return;
      load().then(
        (module) => {
          loaded = module.Page;
          setPage(() => loaded);
        },
        () => setFailed("This page could not be loaded. Is the server still running? Reload to try again."),
      );
    }, []);
    if (Page) return <Page {...props} />;
    return failed ? <Problem text={failed} /> : <Loading />;
  };
}
