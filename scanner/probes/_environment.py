"""Where a machine stands: on hardware, in a virtual machine, in a container."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scanner.model.foreign import harmless
from scanner.probes._sections import Section

# What hypervisors write into the DMI fields (systemd's src/basic/virt.c, and the clouds' documentation).
_VENDORS = (
    "qemu", "kvm", "vmware", "xen", "innotek", "virtualbox", "bochs", "parallels", "bhyve", "openstack", "ovirt",
    "red hat", "nutanix", "digitalocean", "hetzner", "google compute engine", "amazon ec2", "alibaba cloud",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What a machine says of itself.

    Attributes:
        system: the kernel's name, `Linux`.
        virtual_machine: the hypervisor; empty where it names none.
        container: the container technology; empty outside of one.
    """

    system: str
    virtual_machine: str
    container: str


def read_environment(section: Section) -> Environment:
    """Reads the machine section of the script's output."""
    told = dict(line.split("=", 1) for line in section.lines if "=" in line)
    return Environment(
        system=harmless(told.get("system", ""), 60),
        virtual_machine=harmless(_virtual_machine(told), 60),
        container=harmless(_container(told), 60),
    )


def _container(told: Mapping[str, str]) -> str:
    detected = told.get("container", "")
    if detected and detected != "none":
        return detected
    return "container" if "container-file" in told else ""


def _virtual_machine(told: Mapping[str, str]) -> str:
    detected = told.get("vm", "")
    if detected:
        return "" if detected == "none" else detected
    vendor, product = told.get("dmi-sys_vendor", ""), told.get("dmi-product_name", "")
    if product.endswith(".metal"):  # whole machines of Amazon EC2
        return ""
    if product == "Virtual Machine" or any(name in f"{vendor} {product}".lower() for name in _VENDORS):
        return f"{vendor} {product}".strip()
    return "hypervisor" if told.get("cpu") == "hypervisor" else ""
