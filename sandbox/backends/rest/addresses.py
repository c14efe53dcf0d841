"""Which addresses are of the open internet: a list that is kept here, since those of Python's versions differ.

Sources: IANA's special-purpose address registries for IPv4 and IPv6 (RFC 6890 and what came after), and the addresses
at which clouds serve a machine's metadata.
"""

import ipaddress

NOT_PUBLIC = [
    ipaddress.ip_network(block)
    for block in """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24
    192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24
    203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32
    2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20
    """.split()
]
# All that is given out of IPv6; the rest (loopback, translated, mapped, link-local, private, multicast) is not.
GIVEN_OUT = ipaddress.ip_network("2000::/3")


def is_public(address: str) -> bool:
    """Whether the address is one of the open internet, and not another address in disguise."""
    ip = ipaddress.ip_address(address)
    if ip.version == 6 and ip not in GIVEN_OUT:
        return False
    return not any(ip in block for block in NOT_PUBLIC if block.version == ip.version)
