// Reads server-rendered islands out of a page, as the browser does before it adopts them.

import { type Adoption, decodeAdoption } from '../../shared/wire/adoption.ts';
import type { Have } from '../../shared/wire/frames.ts';

export interface RenderedIsland {
  readonly route: string;
  /** The island's content, without what adoption needs. */
  readonly html: string;
  readonly adoption: Adoption;
  /** What a page that adopted the island says it has. */
  readonly have: Have;
}

/** The islands of a page. None may stand inside another. */
export function islandsOf(page: string): RenderedIsland[] {
  const islands = page.matchAll(
    /<server-component route="([^"]*)"[^>]*>(.*?)<script type="application\/json">(.*?)<\/script><\/server-component>/gs,
  );
  return [...islands].map(([, route = '', html = '', json = '']) => {
    const adoption = decodeAdoption(json);
    const { epoch, version, digest, definitions } = adoption;
    return { route, html, adoption, have: [epoch, version, definitions.length, digest] };
  });
}
