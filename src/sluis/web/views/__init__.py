"""The screens, a module per group, each with its ``urlpatterns``."""
