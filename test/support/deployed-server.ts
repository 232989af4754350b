// A build of the cards, for test/e2e/deploy-islands.test.ts. KEPT: whether they are persisted.

import { builds, draft, note } from './deployed.ts';
import { serveBuild } from './serve-build.ts';

const { BUILD, KEPT } = process.env;

await serveBuild(
  { title: 'Cards', route: '/ws/cards', script: 'test/support/deployed-page.ts', options: { components: [note] } },
  (app) => {
    app.islet.route('/ws/cards', builds[BUILD as keyof typeof builds], { shared: true, persist: KEPT === 'yes' });
    app.islet.route('/ws/draft', draft);
  },
);
