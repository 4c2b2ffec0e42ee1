"""Several nodes of Elasticsearch that form one cluster."""

from __future__ import annotations

import contextlib

from support import servers
from support.elasticsearch import home


@contextlib.contextmanager
def cluster(count=3, *settings, java=home.SMALL):
    """Yield [(server, URL), ...]; the nodes know each other and have elected a master."""
    names = [f"n{number}" for number in range(count)]
    ports = [servers.free_port() for _ in names]
    seeds = ",".join(f"127.0.0.1:{port}" for port in ports)
    common = [f"cluster.initial_master_nodes={','.join(names)}", f"discovery.seed_hosts={seeds}", *settings]
    with contextlib.ExitStack() as stack:
        nodes = []
        for name, port in zip(names, ports, strict=True):
            own = [f"node.name={name}", f"transport.port={port}"]
            server, url = stack.enter_context(servers.elasticsearch_node(*own, *common, java=java))
            server.launch()
            stack.callback(server.stop)
            nodes.append((server, url))
        for server, _ in nodes:
            server.wait_until_it_answers()
        yield nodes
