"""One database per service, owned by `<service>_owner`, used by `<service>`, which can change no schema."""

import psycopg
from psycopg import sql


def create(admin_url: str, database: str, service: str, app_password: str, owner_password: str) -> None:
    """Create the database and its two roles, or complete what is there. `admin_url` is a superuser's libpq URL.

    Tables that the owner creates later give the service SELECT, INSERT, UPDATE, DELETE; sequences USAGE.
    """
    owner = f"{service}_owner"
    with psycopg.connect(admin_url, autocommit=True) as admin:
        # Two callers may arrive together (test workers): CREATE ROLE has no IF NOT EXISTS.
        admin.execute("select pg_advisory_lock(7400)")
        for role, password in ((service, app_password), (owner, owner_password)):
            if not admin.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone():
                statement = sql.SQL("create role {} login password {}")
                admin.execute(statement.format(sql.Identifier(role), sql.Literal(password)))
        if not admin.execute("select 1 from pg_database where datname = %s", (database,)).fetchone():
            statement = sql.SQL("create database {} owner {}")
            admin.execute(statement.format(sql.Identifier(database), sql.Identifier(owner)))
        names = {
            "database": sql.Identifier(database),
            "owner": sql.Identifier(owner),
            "service": sql.Identifier(service),
        }
        admin.execute(sql.SQL("revoke all on database {database} from public").format(**names))
        admin.execute(sql.SQL("grant connect on database {database} to {service}").format(**names))
    with psycopg.connect(admin_url, dbname=database, autocommit=True) as inside:
        for grant in ("select, insert, update, delete on tables", "usage on sequences"):
            statement = sql.SQL("alter default privileges for role {owner} grant " + grant + " to {service}")
            inside.execute(statement.format(**names))
