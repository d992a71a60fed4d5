"""Hosts and how to log in to them."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from scanner.inventory.schema.base import Schema
from scanner.inventory.schema.parts import AssetModel
from scanner.inventory.schema.secret import Secret
from scanner.inventory.schema.types import FilePath, HostName, Line, Port


class AccessModel(Schema):
    """How to log in to a host; which keys may stand here depends on `transport`."""

    model_config = ConfigDict(title="Access")

    transport: Literal["ssh", "winrm", "local"] | None = Field(
        default=None, description="ssh, winrm or local. Default: ssh for linux and macos, winrm for windows."
    )
    port: Port | None = Field(
        default=None, description="Port to connect to. Default: 22 for ssh; for winrm 5986 with https, 5985 with http."
    )
    user: Line | None = Field(default=None, description="Account to log in as (ssh, winrm).")
    password: Secret | None = Field(default=None, description="Reference to the account's password (ssh, winrm).")
    key_file: FilePath | None = Field(default=None, description="Private key to log in with (ssh).")
    agent: bool | None = Field(default=None, description="Ask the SSH agent for keys (ssh). Default: false.")
    known_hosts: FilePath | None = Field(
        default=None, description="Host keys to accept (ssh). Default: those of the account that scans."
    )
    sudo: bool | None = Field(default=None, description="Read with `sudo -n` what needs root (ssh). Default: false.")
    scheme: Literal["https", "http"] | None = Field(default=None, description="https or http (winrm). Default: https.")
    auth: Literal["ntlm", "kerberos", "basic"] | None = Field(
        default=None, description="ntlm, kerberos, or basic, which needs https (winrm). Default: ntlm."
    )
    ca_bundle: FilePath | None = Field(
        default=None, description="PEM file with extra trust anchors (winrm over https)."
    )


class HostModel(AssetModel):
    """A server or desktop that can be asked about its own disks."""

    model_config = ConfigDict(title="Host")

    address: HostName | None = Field(
        default=None, description="Host name or IP address. Required unless the transport is local."
    )
    platform: Literal["linux", "windows", "macos"] = Field(description="linux, windows or macos.")
    access: AccessModel | None = Field(default=None, description="How to log in.")
