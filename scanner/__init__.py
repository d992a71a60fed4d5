"""civicseal's scanner: model, inventory, transports, probes, evaluation, runner, store and commands."""

__version__ = "0.1.0"
