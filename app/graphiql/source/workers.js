// Monaco requests its workers by label; the build replaces the constants with hashed file names.
/* global EDITOR_WORKER, GRAPHQL_WORKER, JSON_WORKER */
const files = { json: JSON_WORKER, graphql: GRAPHQL_WORKER };

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    return new Worker(new URL(files[label] ?? EDITOR_WORKER, import.meta.url), { name: label });
  },
};
