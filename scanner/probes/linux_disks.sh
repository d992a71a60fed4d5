# How are this machine's disks encrypted? These commands only read: they write, mount, open and change nothing.
# Sent whole to /bin/sh -s. Each section stands between two marked lines: "begin NAME LIMIT" and "end NAME STATUS".
LC_ALL=C; export LC_ALL
PATH="${PATH:-/usr/bin:/bin}:/sbin:/usr/sbin:/usr/local/sbin"; export PATH
mark='@@civicseal-disks-4d1f7c0e9b62a835@@'
exec 4>&1

# section NAME LIMIT COMMAND...: what the command prints, at most LIMIT bytes of it, and its exit status.
section() {
  name=$1; limit=$2; shift 2
  printf '\n%s begin %s %s\n' "$mark" "$name" "$limit"
  ended=$({ { "$@" 2>/dev/null </dev/null; echo "$?" >&3; } | head -c "$limit" >&4; } 3>&1)
  printf '\n%s end %s %s\n' "$mark" "$name" "$ended"
}

has() { command -v "$1" >/dev/null 2>&1; }

machine() {
  echo "system=$(uname -s)"
  echo "account=$(id -u)"
  if has systemd-detect-virt; then
    echo "vm=$(systemd-detect-virt -v)"
    echo "container=$(systemd-detect-virt -c)"
  fi
  for file in /.dockerenv /run/.containerenv /run/systemd/container; do
    if [ -e "$file" ]; then echo "container-file=$file"; fi
  done
  if [ -d /proc/vz ] && [ ! -d /proc/bc ]; then echo 'container-file=/proc/vz'; fi
  if tr '\0' '\n' </proc/1/environ | grep -q '^container='; then echo 'container-file=/proc/1/environ'; fi
  if grep -q -E '/(docker|kubepods|lxc|libpod)' /proc/1/cgroup; then echo 'container-file=/proc/1/cgroup'; fi
  if grep -q '^flags.* hypervisor' /proc/cpuinfo; then echo 'cpu=hypervisor'; fi
  for field in sys_vendor product_name chassis_asset_tag chassis_type; do
    if [ -r "/sys/class/dmi/id/$field" ]; then echo "dmi-$field=$(head -n 1 "/sys/class/dmi/id/$field")"; fi
  done
  for chip in /sys/class/tpm/*; do
    if [ -e "$chip" ]; then echo "tpm=$chip"; fi
  done
}

# Newest form first: MOUNTPOINTS came with util-linux 2.37, PATH with 2.33, JSON with 2.27, PKNAME with 2.23.
block_tree() {
  has lsblk || return 127
  common=KNAME,TYPE,FSTYPE,MOUNTPOINT,UUID,SIZE,RM,RO,MAJ:MIN
  newest=NAME,KNAME,PKNAME,PATH,TYPE,FSTYPE,FSVER,MOUNTPOINTS,SIZE,RM,RO,HOTPLUG,TRAN,UUID,PARTTYPE,MAJ:MIN
  tree=$(lsblk -J -b -o "$newest") ||
    tree=$(lsblk -J -b -o "NAME,PKNAME,TRAN,PARTTYPE,$common") ||
    tree=$(lsblk -J -b -o "NAME,PKNAME,$common") ||
    tree=$(lsblk -P -b -o "NAME,PKNAME,$common") ||
    tree=$(lsblk -P -b -o "NAME,$common") || return 1
  printf '%s\n' "$tree"
}

blocks() {
  grep -H . /sys/class/block/*/dev /sys/class/block/*/size /sys/class/block/*/ro /sys/block/zram*/backing_dev
}

signatures() { grep -H -E '^E:(ID_FS_TYPE|ID_FS_UUID|ID_PART_ENTRY_TYPE)=' /run/udev/data/b*; }

crypttab() { grep -H -v -E '^[[:space:]]*(#|$)' /etc/crypttab; }

boot_words() { tr ' ' '\n' </proc/cmdline | grep -E '^(root|resume|rd\.luks[^=]*|luks[^=]*|cryptdevice)='; }

# Directories with fscrypt's own data, on local file systems that know it (a dead network mount would hang).
fscrypt_roots() {
  while read -r _ _ _ _ target rest; do
    case " $rest" in
      *' - ext4 '* | *' - f2fs '*) if [ -d "$target/.fscrypt" ]; then printf '%s\n' "$target"; fi ;;
    esac
  done </proc/self/mountinfo
}

# The ZFS tools would load their kernel module, so they are asked only where it is loaded.
zfs_datasets() {
  [ -d /sys/module/zfs ] || return 127
  zfs get -Hp -t filesystem,volume -o name,property,value encryption,keystatus,mounted,mountpoint
}

zfs_pools() {
  [ -d /sys/module/zfs ] || return 127
  zpool status -LP
}

# Names, targets and ciphers of the device mapper, for root alone. Never with --showkeys, and what follows the cipher
# (where a key would stand) is cut off here, before it is sent. Asked only where the device mapper is in use already.
mapper_tables() {
  [ -d /sys/block/dm-0 ] || ls -d /sys/block/dm-* >/dev/null || return 127
  if [ "$(id -u)" = 0 ]; then
    tables=$(dmsetup table)
  elif [ "$civicseal_sudo" = yes ]; then
    tables=$(sudo -n dmsetup table)
  else
    return 126
  fi || return 1
  printf '%s\n' "$tables" | cut -d ' ' -f 1-5
}

section machine 65536 machine
section lsblk 4194304 block_tree
section mapper 524288 grep -H . /sys/block/dm-*/dm/uuid /sys/block/dm-*/dm/name
section layers 524288 ls -1d /sys/block/*/slaves/* /sys/block/*/*/partition
section blocks 1048576 blocks
section signatures 524288 signatures
section loops 524288 grep -H . /sys/block/loop*/loop/backing_file
section mounts 1048576 cat /proc/self/mountinfo
section swaps 65536 cat /proc/swaps
section btrfs 262144 ls -1d /sys/fs/btrfs/*/devices/*
section resume 4096 cat /sys/power/resume
section crypttab 65536 crypttab
section cmdline 16384 boot_words
section fscrypt 65536 fscrypt_roots
section zfs 524288 zfs_datasets
section zpool 262144 zfs_pools
section tables 524288 mapper_tables
printf '\n%s complete\n' "$mark"
