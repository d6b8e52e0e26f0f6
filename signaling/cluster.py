"""The cluster that the settings name."""

from rtc_server.cluster.placement import Cluster
from signaling.settings import Settings


def cluster_of(settings: Settings) -> Cluster:
    """Not joined yet; for ``PLACEMENT=ray`` only."""
    # Ray is an option: who does without it has it not installed.
    from rtc_server.cluster.ray_cluster import RayCluster  # noqa: PLC0415

    return RayCluster(settings.ray_address, settings.log_level)
