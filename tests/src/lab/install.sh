# Installs the packages named as arguments without letting them start or create anything that outlives us:
# no system service is started and no "main" cluster is made. What the machine already has is not touched.
set -eu
export DEBIAN_FRONTEND=noninteractive

policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.d/makerlab-lab.conf
ours=
undo() {
    for file in $ours; do rm -f "$file"; done
}
trap undo EXIT
trap 'exit 1' HUP INT TERM

if [ ! -e "$policy" ]; then
    ours="$ours $policy"
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
if [ ! -e "$cluster" ]; then
    ours="$ours $cluster"
    mkdir -p "${cluster%/*}"
    echo 'create_main_cluster = false' >"$cluster"
fi

install() {
    apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
}
# The lists of a fresh machine are empty or old; where they are good, the update would cost a minute for nothing.
install "$@" || { apt-get -o DPkg::Lock::Timeout=300 update && install "$@"; }
