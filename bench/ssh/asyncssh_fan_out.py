"""`uptime` on 127.1.0.1 to 127.1.0.100 through one bastion connection by asyncssh, 50 at a time: the peer of bench/ssh/fan-out."""

import asyncio
import sys

import asyncssh


async def main() -> None:
    at, port, user, key, known = sys.argv[1:6]
    address, bastion_port = at.rsplit(":", 1)
    by = {"username": user, "client_keys": [key], "known_hosts": known, "config": None, "agent_path": None}
    free = asyncio.Semaphore(50)
    async with asyncssh.connect(address, int(bastion_port), **by) as bastion:

        async def one(n: int) -> bool:
            async with free:
                async with bastion.connect_ssh(f"127.1.0.{n}", int(port), **by) as host:
                    return (await host.run("uptime", check=True)).exit_status == 0

        answered = await asyncio.gather(*(one(n) for n in range(1, 101)), return_exceptions=True)
    print(f"{sum(a is True for a in answered)} of 100 answered")


asyncio.run(main())
