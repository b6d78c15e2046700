# Node 24 is the newest line with long support; 20 works as well.
FROM node:24-bookworm-slim AS build
WORKDIR /opt/tandem
COPY package.json package-lock.json ./
RUN npm install --no-save --no-audit --no-fund
COPY tsconfig.json ./
COPY packaging/*.ts ./packaging/
COPY src ./src
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /opt/tandem
COPY --from=build /opt/tandem/node_modules ./node_modules
COPY --from=build /opt/tandem/dist ./dist
COPY package.json ./
COPY views ./views
COPY public ./public
RUN mkdir -p /var/lib/tandem /etc/tandem && chown node:node /var/lib/tandem
USER node
VOLUME /var/lib/tandem
ENTRYPOINT ["node", "dist/src/main.js"]
CMD ["--help"]
