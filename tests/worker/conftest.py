"""Workers run on a control plane that commits, with the world of the laws in it."""

from control.fixtures import committed, variables
from laws.conftest import world

__all__ = ["committed", "variables", "world"]
