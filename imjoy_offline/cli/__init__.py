"""The roof: the command line, the only place that knows both wings."""
