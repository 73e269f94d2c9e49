// Mercurius: one process, every operation compiled by graphql-jit, statements prepared, names joined.
import { createHash } from "node:crypto";

import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

const { DATABASE_URL, PORT, POOL, READS } = process.env;
const joined = READS === "joined";
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(POOL) });

const schema = `
  enum NumberStatus { AVAILABLE RESERVED ASSIGNED IN_USE }
  type Series { id: ID! name: String! }
  type Organization { id: ID! name: String! }
  type PhoneNumber {
    id: ID!
    number: String!
    status: NumberStatus!
    reservedTag: String
    series: Series!
    organization: Organization!
  }
  type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  type PhoneNumberConnection { nodes: [PhoneNumber!]! pageInfo: PageInfo! totalCount: Int! }
  input PhoneNumberFilter { status: NumberStatus seriesId: ID organizationId: ID text: String }
  type EditReservedTagPayload { phoneNumber: PhoneNumber }
  type Query {
    phoneNumber(id: ID!): PhoneNumber
    phoneNumbers(filter: PhoneNumberFilter, first: Int = 50, after: String): PhoneNumberConnection!
  }
  type Mutation { editReservedTag(id: ID!, tag: String!): EditReservedTagPayload! }
`;

const COLUMNS = 'n.id, n.number, n.status, n.reserved_tag AS "reservedTag", n.series_id, n.organization_id';
const NUMBERS = joined
  ? `SELECT ${COLUMNS}, s.name AS series_name, o.name AS organization_name FROM peers.phone_numbers n
     JOIN peers.series s ON s.id = n.series_id JOIN peers.organizations o ON o.id = n.organization_id`
  : `SELECT ${COLUMNS} FROM peers.phone_numbers n`;

const names = new Map();
const query = (text, values) => {
  // A statement is prepared under its name, which PostgreSQL cuts off at 63 characters.
  let name = names.get(text);
  if (name === undefined) names.set(text, (name = createHash("sha1").update(text).digest("hex")));
  return pool.query({ name, text, values });
};

const escaped = (text) => text.toLowerCase().replace(/[\\%_]/g, "\\$&");
const conditions = (filter, after) => {
  const parts = [];
  const values = [];
  if (filter?.status != null) parts.push(`n.status = $${values.push(filter.status)}`);
  if (filter?.seriesId != null) parts.push(`n.series_id = $${values.push(filter.seriesId)}`);
  if (filter?.organizationId != null) parts.push(`n.organization_id = $${values.push(filter.organizationId)}`);
  if (filter?.text != null) parts.push(`n.search_text LIKE $${values.push(`%${escaped(filter.text)}%`)}`);
  if (after != null) parts.push(`n.number > $${values.push(Buffer.from(after, "base64").toString())}`);
  return [parts.length ? ` WHERE ${parts.join(" AND ")}` : "", values];
};
const cursor = (row) => (row ? Buffer.from(row.number).toString("base64") : null);

const resolvers = {
  Query: {
    phoneNumber: async (_, { id }) => (await query(`${NUMBERS} WHERE n.id = $1`, [id])).rows[0] ?? null,
    phoneNumbers: async (_, { filter, first, after }) => {
      const [where, values] = conditions(filter, after);
      const { rows } = await query(`${NUMBERS}${where} ORDER BY n.number LIMIT $${values.push(first + 1)}`, values);
      const hasNextPage = rows.length > first;
      if (hasNextPage) rows.pop();
      const pageInfo = {
        hasNextPage,
        hasPreviousPage: after != null,
        startCursor: cursor(rows[0]),
        endCursor: cursor(rows.at(-1)),
      };
      return { nodes: rows, pageInfo, filter };
    },
  },
  PhoneNumberConnection: {
    totalCount: async ({ filter }) => {
      const [where, values] = conditions(filter);
      return (await query(`SELECT count(*)::integer AS total FROM peers.phone_numbers n${where}`, values)).rows[0].total;
    },
  },
  Mutation: {
    editReservedTag: async (_, { id, tag }) => ({
      phoneNumber:
        (await query(`UPDATE peers.phone_numbers n SET reserved_tag = $2 WHERE id = $1 RETURNING ${COLUMNS}`, [id, tag]))
          .rows[0] ?? null,
    }),
  },
};
if (joined) {
  resolvers.PhoneNumber = {
    series: (number) => ({ id: number.series_id, name: number.series_name }),
    organization: (number) => ({ id: number.organization_id, name: number.organization_name }),
  };
}

const byIds = (table, column) => async (queries) => {
  const ids = [...new Set(queries.map(({ obj }) => obj[column]))];
  const { rows } = await query(`SELECT id, name FROM peers.${table} WHERE id = ANY ($1::integer[])`, [ids]);
  const found = new Map(rows.map((row) => [row.id, row]));
  return queries.map(({ obj }) => found.get(obj[column]));
};
const loaders = joined
  ? {}
  : { PhoneNumber: { series: byIds("series", "series_id"), organization: byIds("organizations", "organization_id") } };

const app = Fastify({ logger: false });
app.register(mercurius, { schema, resolvers, loaders, jit: 1, graphiql: false, cache: true });
await app.listen({ port: Number(PORT), host: "127.0.0.1" });
