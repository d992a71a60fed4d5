"""Turns at one address: assets that share it do not crowd its door."""

from __future__ import annotations

import asyncio

from scanner.transports.doors import _AT_ONCE, Doors


async def test_no_more_than_a_few_stand_before_one_door() -> None:
    doors, inside, most = Doors(), 0, 0

    async def visit() -> None:
        nonlocal inside, most
        async with doors.at("192.0.2.1:22"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(visit() for _ in range(50)))
    assert most == _AT_ONCE


async def test_every_address_has_a_door_of_its_own() -> None:
    doors = Doors()
    assert doors.at("192.0.2.1:22") is doors.at("192.0.2.1:22")
    assert doors.at("192.0.2.1:22") is not doors.at("192.0.2.1:2222")
