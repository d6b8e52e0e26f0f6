"""Whether the database can be written, and how old its tables are."""

from rtc_server.base.errors import StoreError
from rtc_server.store.condition import StoreCondition, condition_of
from signaling.checks.finding import Finding, Verdict

NAME = "store"


async def check_store(url: str) -> Finding:
    """Connect and begin a write; nothing is changed, nothing is made."""
    try:
        condition = await condition_of(url)
    except StoreError as error:
        return Finding(NAME, Verdict.FAILED, str(error))
    return Finding(NAME, Verdict.OK, f"{condition.where}: {_tables(condition)}")


def _tables(condition: StoreCondition) -> str:
    if condition.revision == condition.newest:
        return f"can be written, tables are up to date ({condition.newest})"
    old = condition.revision or "none"
    return (
        f"can be written; the service makes its tables when it starts ({old}, {condition.newest})"
    )
