"""A PgBouncer of our own in front of a PostgreSQL, in transaction mode."""

import shutil
from typing import Self

from tests.servers.postgres import Postgres
from tests.servers.process import ServerProcess, give_away, private_folder


class PgBouncer:
    """Each transaction gets one of two connections to the server, whichever is free."""

    def __init__(self, postgres: Postgres, database: str) -> None:
        self.folder = private_folder("pgbouncer-")
        settings = self.folder / "pgbouncer.ini"
        settings.write_text(f"""
[databases]
{database} = host={postgres.folder} user=postgres
[pgbouncer]
listen_addr =
unix_socket_dir = {self.folder}
auth_type = any
pool_mode = transaction
default_pool_size = 2
server_reset_query_always = 0
""")
        give_away(settings)
        self._database = database
        self._server = ServerProcess(
            ["/usr/sbin/pgbouncer", settings], ready="process up", cwd=self.folder
        )

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
        shutil.rmtree(self.folder)

    @property
    def url(self) -> str:
        """The address for the store."""
        return f"postgresql://postgres:any@/{self._database}?host={self.folder}&port=6432"
