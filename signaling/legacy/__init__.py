"""The older service's protocols: one folder, deletable. In the front process."""
