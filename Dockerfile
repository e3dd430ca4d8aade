# The image of Updatekate. docs/install.md says how to build, push and run it.
#
# RUNTIME_IMAGE needs glibc and Node.js 24 (in the PATH or in /nodejs/bin), and neither a shell nor npm. Where it has no
# /usr/bin/env, `updatekate` and `kube-monitor` are not found: they are `node dist/cli/main.js` and `node dist/cli/kube-monitor.js`.
# Behind a private registry or a TLS proxy, give npm its configuration and CA as secrets; none of it stays in the image:
#   docker build --secret id=npmrc,src=$HOME/.npmrc --secret id=ca,src=ca.pem .   (npmrc: cafile=/run/secrets/ca)
ARG BASE_IMAGE=node:24-bookworm-slim
ARG RUNTIME_IMAGE=${BASE_IMAGE}

FROM ${BASE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package needs its install script here, so none is run.
RUN --mount=type=secret,id=npmrc --mount=type=secret,id=ca \
  NPM_CONFIG_USERCONFIG=/run/secrets/npmrc npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build
# The programs that package.json names, for the PATH.
RUN chmod +x dist/cli/main.js dist/cli/kube-monitor.js \
  && mkdir bin \
  && ln -s /app/dist/cli/main.js bin/updatekate \
  && ln -s /app/dist/cli/kube-monitor.js bin/kube-monitor

FROM ${BASE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=secret,id=npmrc --mount=type=secret,id=ca \
  NPM_CONFIG_USERCONFIG=/run/secrets/npmrc npm ci --ignore-scripts --omit=dev
# Types and source maps are two fifths of the bytes, and nothing reads them when the service runs.
RUN find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete \
  && mkdir /data

# Only COPY from here on: the runtime image may have no shell.
FROM ${RUNTIME_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Updatekate" \
  org.opencontainers.image.description="Turns a pushed image into a safe, followed and announced Kubernetes deployment." \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production \
  UK_DATA_DIR=/data \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/nodejs/bin
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=dependencies --chown=65532:65532 /data /data
COPY package.json LICENSE* ./
COPY --from=build /app/dist dist
COPY --from=build /app/bin/ /usr/local/bin/
# Nobody in the file system is 65532 but the owner of /data, the only folder that is written to.
USER 65532:65532
VOLUME ["/data"]
EXPOSE 8888
# The service, which takes no arguments: another program is a `command` of its own, such as ["updatekate", "notify", "shop"].
# Without __proto__ a payload that names it has nothing to reach. And one thread collects the garbage: on the one core
# that a pod has, helpers only take turns with the thread that waits for them, and answers wait with it.
ENTRYPOINT ["node", "--disable-proto=delete", "--single-threaded-gc", "dist/main.js"]
