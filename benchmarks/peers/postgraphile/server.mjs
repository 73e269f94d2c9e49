// PostGraphile: one process, production settings.
import { createServer } from "node:http";

import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";

const { DATABASE_URL, PORT, POOL } = process.env;

const preset = {
  extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset],
  pgServices: [
    makePgService({ connectionString: DATABASE_URL, schemas: ["peers"], poolConfig: { max: Number(POOL) } }),
  ],
  grafserv: { graphiql: false, graphqlPath: "/graphql", watch: false, websockets: false },
  grafast: { explain: false },
};

const server = createServer();
server.keepAliveTimeout = 60_000;
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(Number(PORT), "127.0.0.1");
