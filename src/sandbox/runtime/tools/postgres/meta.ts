/** What psql's commands with a backslash ask the server; those of a pattern take a name, without wildcards. */
export function metaQuery(
  command: string,
  name: string | undefined,
): { title: string; sql: string }[] | undefined {
  const literal = `'${(name ?? '').replaceAll("'", "''")}'`;
  const relations = (kinds: string): string => `
    SELECT n.nspname AS "Schema", c.relname AS "Name",
      CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'i' THEN 'index' WHEN 'S' THEN 'sequence' WHEN 'm' THEN 'materialized view' WHEN 'p' THEN 'partitioned table' END AS "Type",
      pg_get_userbyid(c.relowner) AS "Owner"${kinds.includes('i') ? ', t.relname AS "Table"' : ''}
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    ${kinds.includes('i') ? 'LEFT JOIN pg_index x ON x.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = x.indrelid' : ''}
    WHERE c.relkind IN (${kinds}) AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
      ${name ? `AND c.relname = ${literal}` : 'AND pg_table_is_visible(c.oid)'} ORDER BY 1, 2`;
  switch (command.replace(/\+$/, '')) {
    case '\\d':
      return name
        ? describe(name, literal)
        : [{ title: 'List of relations', sql: relations("'r','p','v','m','S'") }];
    case '\\dt':
      return [{ title: 'List of relations', sql: relations("'r','p'") }];
    case '\\di':
      return [{ title: 'List of relations', sql: relations("'i'") }];
    case '\\dv':
      return [{ title: 'List of relations', sql: relations("'v'") }];
    case '\\dn':
      return [
        {
          title: 'List of schemas',
          sql: `SELECT nspname AS "Name", pg_get_userbyid(nspowner) AS "Owner" FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1`,
        },
      ];
    case '\\du':
    case '\\dg':
      return [
        {
          title: 'List of roles',
          sql: `SELECT rolname AS "Role name", concat_ws(', ', CASE WHEN rolsuper THEN 'Superuser' END, CASE WHEN rolcreaterole THEN 'Create role' END, CASE WHEN rolcreatedb THEN 'Create DB' END, CASE WHEN NOT rolcanlogin THEN 'Cannot login' END) AS "Attributes" FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1`,
        },
      ];
    case '\\l':
      return [
        {
          title: 'List of databases',
          sql: `SELECT datname AS "Name", pg_get_userbyid(datdba) AS "Owner", pg_encoding_to_char(encoding) AS "Encoding" FROM pg_database ORDER BY 1`,
        },
      ];
    case '\\conninfo':
      return [{ title: '', sql: `SELECT current_database() AS "Database", current_user AS "Client User"` }];
    default:
      return undefined;
  }
}

function describe(name: string, literal: string): { title: string; sql: string }[] {
  return [
    {
      title: `Table "${name}"`,
      sql: `SELECT a.attname AS "Column", format_type(a.atttypid, a.atttypmod) AS "Type",
        CASE WHEN a.attnotnull THEN 'not null' ELSE '' END AS "Nullable",
        coalesce(pg_get_expr(d.adbin, d.adrelid), '') AS "Default"
      FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = ${literal}::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    },
    {
      title: 'Indexes',
      sql: `SELECT indexname AS "Name", indexdef AS "Definition" FROM pg_indexes
      WHERE schemaname || '.' || tablename = (SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ${literal}::regclass) ORDER BY 1`,
    },
  ];
}
