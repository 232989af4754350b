# The anime tracker in a container: `docker build -t anime .`, and docs/deploy-tracker.md for what comes after.
# The version of Node is the one that `npm ci` brings, see scripts/node/package.json.
ARG NODE=node:24.21.0-bookworm-slim

FROM ${NODE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts/node/package.json scripts/node/
COPY server/anime/package.json server/anime/

# What production needs of npm, without the workspace that brings Node: the image has it.
FROM packages AS dependencies
RUN npm ci --omit=dev --ignore-scripts --include-workspace-root --workspace server/anime

# Scripts and style sheets for browsers: minified, named by their content, compressed.
FROM packages AS build
RUN npm ci --ignore-scripts --include-workspace-root --workspace server/anime
COPY tsconfig.base.json ./
COPY scripts scripts
COPY public public
COPY shared shared
COPY components components
COPY client-runtime client-runtime
RUN node scripts/build.ts

FROM ${NODE}
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /app
COPY --from=dependencies /app ./
COPY shared shared
COPY components components
COPY server server
COPY scripts/backup.ts scripts/state.ts scripts/generate-users.ts scripts/
# the plugin serves its own element from here, in case somebody asks for it
COPY --from=build /app/public/build public/build
# without the source maps
COPY --from=build /app/build/manifest.json build/
COPY --from=build /app/build/assets build/assets
# a new volume gets its owner from the folder that it is mounted on
RUN install --directory --owner=node --group=node /data
VOLUME /data
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# not npm, which would keep signals to itself
CMD ["node", "server/anime/main.ts"]
