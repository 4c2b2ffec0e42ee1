"""Metrics of an engine in the text format of Prometheus, served to this machine only."""

from codekin.metrics.address import parse_address
from codekin.metrics.server import MetricsServer
from codekin.metrics.text import metrics_text

__all__ = ["MetricsServer", "metrics_text", "parse_address"]
