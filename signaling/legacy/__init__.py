"""The older service's protocols: one folder, deletable."""
