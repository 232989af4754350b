// A build of the days that pages predict, for test/e2e/predicted-deploy.test.ts.

import { builds } from './other-code.ts';
import { serveBuild } from './serve-build.ts';

const { BUILD } = process.env;

await serveBuild({ title: 'Days', route: '/ws/days', script: 'test/support/other-code-entry.ts' }, (app) =>
  app.islet.route('/ws/days', builds[BUILD as keyof typeof builds], {
    shared: true,
    persist: true,
    predict: true,
    keeps: [],
  }),
);
