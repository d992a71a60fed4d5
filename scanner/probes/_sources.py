"""What kinds of file systems there are, by where they keep their data."""

from __future__ import annotations

import posixpath
import re

from scanner.probes._mounts import Mount

MEMORY = frozenset({"tmpfs", "ramfs"})

# Kept by another machine: NFS, SMB, clustered and host-shared file systems.
_NETWORK = """
    nfs nfs4 cifs smb3 smbfs ceph 9p virtiofs lustre afs gpfs beegfs orangefs pvfs2 glusterfs davfs ncpfs coda vboxsf
    vmhgfs prl_fs fuse.sshfs fuse.glusterfs fuse.s3fs fuse.rclone fuse.davfs2 fuse.davfs fuse.ceph fuse.ceph-fuse
    fuse.curlftpfs fuse.cifs fuse.moosefs fuse.mfs fuse.juicefs fuse.goofys fuse.gcsfuse fuse.blobfuse fuse.blobfuse2
    fuse.mountpoint-s3 fuse.vmhgfs-fuse fuse.seaweedfs fuse.lizardfs fuse.cvmfs2 fuse.smbnetfs fuse.nfs"""
NETWORK = frozenset(_NETWORK.split())

# Keep their files in a directory of another file system; the word is what encrypts each file, empty where nothing does.
STACKED = {
    "overlay": "",
    "aufs": "",
    "ecryptfs": "eCryptfs",
    "fuse.gocryptfs": "gocryptfs",
    "fuse.encfs": "EncFS",
    "fuse.cryfs": "CryFS",
    "fuse.securefs": "securefs",
}

# Views into the kernel or into other mounts: they hold nothing.
_PSEUDO = """
    proc sysfs cgroup cgroup2 cpuset devpts devtmpfs securityfs debugfs tracefs configfs pstore bpf mqueue hugetlbfs
    autofs binfmt_misc fusectl efivarfs nsfs rpc_pipefs selinuxfs smackfs apparmorfs nfsd rootfs sockfs pipefs usbfs
    usbdevfs xenfs resctrl ocfs2_dlmfs dlmfs binder functionfs oracleasmfs openpromfs spufs inotifyfs bdev anon_inodefs
    fuse.lxcfs fuse.gvfsd-fuse fuse.portal fuse.vmware-vmblk fuse.mergerfs fuse.unionfs-fuse fuse.snapfuse
    fuse.archivemount fuse.squashfuse fuse.fuse-overlayfs fuse.bindfs"""
PSEUDO = frozenset(_PSEUDO.split())

# Read-only images of software.
IMAGES = frozenset({"squashfs", "erofs", "cramfs", "iso9660", "romfs"})


def server_of(mount: Mount) -> str:
    """The machine that keeps a network file system, as far as its source tells."""
    source = mount.source.removeprefix("//")
    if mount.source.startswith("//"):
        return source.partition("/")[0] or "another machine"
    bracketed = re.match(r"\[([0-9a-fA-F:.]+)\]", source)
    name = bracketed[1] if bracketed else source.partition(":")[0].rpartition("@")[2]
    return name if ":" in source and name else "another machine"


def lower_path(mount: Mount) -> str:
    """The directory in which a stacked file system keeps its files; empty where it is not told."""
    if mount.filesystem == "overlay":
        return mount.option("upperdir")
    if mount.filesystem == "aufs":
        return ""
    if not mount.source.startswith("/"):
        return ""
    # Often mounted over the very directory that it keeps its files in, which then lies beneath.
    hidden = mount.source == mount.target or mount.source.startswith(f"{mount.target}/")
    return posixpath.dirname(mount.target) if hidden else mount.source
