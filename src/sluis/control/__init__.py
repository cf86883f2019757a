"""The control plane, a Django app: rights, configurations, deliveries, audit. Call ``setup.start`` first."""
