# shellcheck shell=bash disable=SC2154
# A node: its files, its namespaces, its runtime and its kubelet. Sourced.
#
# A node has a folder of its own for each place that a kubelet or a runtime writes to, bound over the machine's: the paths are
# the usual ones, and nothing of it appears on the machine.

# What a machine's /etc has that programs ask for; all else on a node is its own.
machines_etc=(passwd group nsswitch.conf protocols services ld.so.cache ld.so.conf ld.so.conf.d alternatives os-release)

node_files() { # NAME NUMBER
    local node=$1 number=$2 at=$dir/$1 one
    mkdir -p "$at"/{etc/ssl/certs,etc/containerd/certs.d,etc/cni/net.d,etc/kubernetes,var-lib,var-log,sysctl}
    mkdir -p "$at"/var-lib/{containerd,kubelet/credential-provider} "$at"/var-log/{pods,containers}
    for one in "${machines_etc[@]}"; do [ ! -e "/etc/$one" ] || cp -a "/etc/$one" "$at/etc/"; done
    printf '%s\n' "$node" >"$at/etc/hostname"
    printf '127.0.0.1 localhost\n%s %s\n' "10.77.0.1$number" "$node" >"$at/etc/hosts"
    : >"$at/etc/resolv.conf"
    head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$at/etc/machine-id"
    fill "$containerd_conf" >"$at/etc/containerd/config.toml"
    fill "$here/conf/cni.conflist" >"$at/etc/cni/net.d/10-cluster.conflist"
    fill "$here/conf/kubelet.yaml" >"$at/var-lib/kubelet/config.yaml"
    # As on AKS.
    cp "$here/conf/credential-provider.yaml" "$at/var-lib/kubelet/credential-provider-config.yaml"
    cp "$programs/acr-credential-provider" "$at/var-lib/kubelet/credential-provider/"
    cp "$here/conf/azure.json" "$at/etc/kubernetes/azure.json"
    chmod 600 "$at/etc/kubernetes/azure.json"
}

fill() { # FILE: with what it leaves open, from node_files' words
    sed -e "s|@NODE@|$node|g" -e "s|@NUMBER@|$number|g" -e "s|@CGROUP@|$cgroup|g" -e "s|@DIR@|$dir|g" "$1"
}

# What nodes are told of the world: its nameservers, its authorities.
tell_node() { # NAME
    { cat "$dir/resolv.conf"; echo "options timeout:2 attempts:2"; } >"$dir/$1/etc/resolv.conf"
    cat "$dir/world.state/ca.pem" "$dir/keys/registry-ca.crt" >"$dir/$1/etc/ssl/certs/ca-certificates.crt"
}

# With control groups of version 1, a kubelet wants its root in every hierarchy, and one of cpusets is of no use while empty.
node_cgroups() { # NAME
    local hierarchy folder file
    for hierarchy in /sys/fs/cgroup/*/; do
        mountpoint -q "$hierarchy" || continue
        for folder in "$cgroup" "$cgroup/$1"; do
            mkdir -p "$hierarchy$folder"
            for file in cpuset.cpus cpuset.mems; do
                [ ! -e "$hierarchy$folder/$file" ] || cat "$hierarchy$file" >"$hierarchy$folder/$file"
            done
        done
    done
}

remove_cgroups() {
    local hierarchy tries
    for hierarchy in /sys/fs/cgroup/*/; do
        # The kernel takes a moment to let go of what has just ended.
        for tries in $(seq 100); do
            [ -d "$hierarchy$cgroup" ] || break
            find "$hierarchy$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.1
        done
    done
}

# A kubelet writes these where they are otherwise, and no namespace has them for itself: the machine would keep the
# kubelet's. So it is shown what it wants to see.
sysctls=(vm/overcommit_memory=1 vm/panic_on_oom=0 kernel/panic=10 kernel/panic_on_oops=1
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000)

node_namespace() { # NAME NUMBER
    local node=$1 number=$2 at=$dir/$1 one address=10.77.0.1$2
    namespace "$node" world
    for one in "${sysctls[@]}"; do
        mkdir -p "$at/sysctl/$(dirname "${one%=*}")"
        echo "${one#*=}" >"$at/sysctl/${one%=*}"
    done
    # By the host's ids: world cannot name a process of a namespace beside it.
    nsenter --target "$(init_of world)" --net ip link add "to-$node" type veth peer name eth0 netns "$(init_of "$node")"
    enter world ip link set "to-$node" master br0 up
    enter world ip route add "10.244.$number.0/24" via "$address"
    # shellcheck disable=SC2016
    enter "$node" bash -euc '
        at=$0 address=$1 world=$2 api=$3
        ip address add "$address/24" dev eth0
        ip link set eth0 up
        ip route add default via "$world"
        sysctl -qw net.ipv4.ip_forward=1
        mount -t tmpfs tmpfs /run
        mount --bind "$at/etc" /etc
        mount --bind "$at/var-lib" /var/lib
        mount --bind "$at/var-log" /var/log
        cd "$at/sysctl"
        find . -type f | while read -r file; do mount --bind "$file" "/proc/sys/$file"; done
        # What pods mount is to reach the node, as a kubelet expects; the peers are those of this namespace alone.
        mount --make-rshared /
        # In the place of kube-proxy: the one service that every pod has.
        for chain in PREROUTING OUTPUT; do
            iptables -t nat -A "$chain" -d "$api" -p tcp --dport 443 -j DNAT --to-destination "$world:6443"
        done
    ' "$at" "$address" "$world_address" "$service_address"
}

node_up() { # NAME NUMBER
    local node=$1 number=$2
    node_files "$node" "$number"
    node_cgroups "$node"
    node_namespace "$node" "$number"
    tell_node "$node"
    start "$node" "$node.containerd" containerd --config /etc/containerd/config.toml
    wait_for 30 "$node's containerd" enter "$node" ctr version
    # The image of sandboxes is there before anybody asks, and stays.
    enter "$node" ctr --namespace k8s.io images import "$dir/sandbox.tar" >>"$dir/log/$node.ctr" 2>&1
    enter "$node" ctr --namespace k8s.io images label "$sandbox" io.cri-containerd.pinned=pinned >>"$dir/log/$node.ctr" 2>&1
    start "$node" "$node.kubelet" "$kube/kubelet" --config /var/lib/kubelet/config.yaml \
        --kubeconfig "$dir/keys/$node.kubeconfig" --hostname-override "$node" --node-ip "10.77.0.1$number" \
        --image-credential-provider-config /var/lib/kubelet/credential-provider-config.yaml \
        --image-credential-provider-bin-dir /var/lib/kubelet/credential-provider --v 2
}

# Takes from a node every image but that of the sandboxes, and the blobs with them.
forget() { # NAME
    local own
    own=$(enter "$1" ctr --namespace k8s.io images ls 2>/dev/null | awk -v name="$sandbox" '$1 == name { print $3 }')
    # An image has several names there; those of the sandboxes' image are known by its digest.
    enter "$1" ctr --namespace k8s.io images ls 2>/dev/null | awk -v own="$own" 'NR > 1 && $3 != own { print $1 }' |
        enter "$1" xargs --no-run-if-empty ctr --namespace k8s.io images rm --sync >>"$dir/log/$1.ctr" 2>&1
}
