#!/bin/sh
# decisions.py on a real platform of 32 bits: Debian for i386, about 300 MB in a temporary folder. As root, on amd64:
#
#     apt-get install mmdebstrap && sh tests/equivalence/i386.sh [MIRROR]
#
# MIRROR: as in sources.list, where Debian's own is not to be used. It takes about five minutes. Nothing of the machine is changed but the temporary folder, which is removed.
set -eu
sources=$(cd "$(dirname "$0")/../.." && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
mmdebstrap --quiet --arch=i386 --variant=apt \
    --include=python3-numpy,python3-scipy,python3-pydantic,python3-ruamel.yaml trixie "$root" "$@"
mkdir "$root/clustersim"
cp -r "$sources/src" "$sources/tests" "$root/clustersim"
chroot "$root" env PYTHONPATH=/clustersim/src python3 /clustersim/tests/equivalence/decisions.py
