# The worker, and every other command, as one image:
#   docker build --tag countersign:0.1.0 .
# Debian, because the native modules (Temporal's core, libsql, swc) are built for glibc; Alpine would not do.
ARG NODE_IMAGE=node:22-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
# Temporal's core comes for five platforms, about 28 MB each: only ours stays.
RUN npm run build \
 && npm prune --omit=dev \
 && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
      ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} +

FROM ${NODE_IMAGE}
# Temporal's core takes the system's certificates, and the slim image has none: without them there is no TLS.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY LICENSE package.json ./
COPY bin ./bin
COPY schemas ./schemas
COPY scripts/setup ./scripts/setup
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# /data: the embedded store, where no COUNTERSIGN_STORE is given; mount a volume there.
# /app/own: modules of one's own; from there `countersign/actions` and `zod` resolve to the image's copies.
RUN ln -s /app/bin/countersign /usr/local/bin/countersign \
 && install -d -o node -g node /data \
 && install -d /app/own
ENV NODE_ENV=production COUNTERSIGN_DATA=/data COUNTERSIGN_HEALTH_PORT=8080
# As a number, so that Kubernetes can tell that it is not root: the image's user `node`.
USER 1000:1000
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.COUNTERSIGN_HEALTH_PORT + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# No shell in between: the worker gets SIGTERM itself and drains.
ENTRYPOINT ["countersign"]
CMD ["worker", "--health-host", "0.0.0.0", "--drain", "30 seconds"]
