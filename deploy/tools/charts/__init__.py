"""Checks a Helm chart and runs it, without helm, without a cluster, without a container registry."""
