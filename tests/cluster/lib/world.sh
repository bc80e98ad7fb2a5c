# shellcheck shell=bash disable=SC2154
# What stands outside the cluster: the network, the world of tests/world, a registry of the plain kind. Sourced.

# The network that all is in. The world's own addresses are added to the bridge when a page is put on.
network() {
    namespace world
    enter world ip link add br0 type bridge
    enter world ip link set br0 up
    enter world ip address add "$world_address/24" dev br0
    enter world ip address add "$registry_address/24" dev br0
    # Nodes reach the world's addresses as they reach Azure's: by their gateway.
    enter world sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.disable_ipv6=0
    enter world mount -t tmpfs tmpfs /run
    : >"$dir/world.hosts"
    : >"$dir/world.resolv.conf"
    echo "127.0.0.1 localhost" >"$dir/world.hosts"
    enter world mount --bind "$dir/world.hosts" /etc/hosts
    enter world mount --bind "$dir/world.resolv.conf" /etc/resolv.conf
    mkfifo "$dir/world.stdin"
}

# The file that is meant by a scenario's name, or by a path.
page_file() { # PAGE
    local file=$1
    case $file in
    *.toml | */*) ;;
    *) file=$root/tests/scenarios/${file%.md}.md ;;
    esac
    [ -f "$file" ] || fail "$1: there is no such page ($file)"
    echo "$file"
}

# A world alone as a page.
page_of() { # WORLD.toml
    printf '# A world\n\n```toml world\n%s\n```\n\n' "$(cat "$1")"
    printf '```console\n$ pullcheck check contosoacr.azurecr.io/team/web:v1\n```\n'
}

# Puts a page's world in the place of the one before: its addresses, its servers, its nameservers.
put_world() { # PAGE
    local page needed kind address
    page=$(page_file "$1")
    # What the world reads is a copy: the one from which it started.
    case $page in
    *.toml) page_of "$page" ;;
    *) cat "$page" ;;
    esac >"$dir/tmp/page.md"
    page=$dir/world.md
    needed=$("$dir/world" "$dir/tmp/page.md" --addresses)
    mv "$dir/tmp/page.md" "$page"
    stop world world
    rm -f "$dir/log/world"
    while read -r address; do enter world ip address delete "$address" dev br0; done < <(cat "$dir/world.addresses" 2>/dev/null)
    : >"$dir/world.addresses"
    : >"$dir/resolv.conf"
    while read -r kind address; do
        case $kind in
        nameserver) echo "nameserver $address" >>"$dir/resolv.conf" ;;
        address)
            case $address in
            127.* | ::1) continue ;;
            *:*) address=$address/128 ;;
            *) address=$address/32 ;;
            esac
            enter world ip address add "$address" dev br0 $([[ $address != *:* ]] || echo nodad)
            echo "$address" >>"$dir/world.addresses"
            ;;
        esac
    done <<<"$needed"
    # Held open for reading and writing, the pipe never ends, and neither does the world.
    start world world bash -c 'exec "$@" <>"$0"' "$dir/world.stdin" "$dir/world" "$page" --hold --own-addresses \
        --name "$registry_name=$registry_address" --state "$dir/world.state"
    wait_for 20 "the world of $1" grep -q '^The world runs' "$dir/log/world"
    cat "$dir/resolv.conf" >"$dir/world.resolv.conf"
}

# Docker's registry with TLS and one user.
plain_registry() {
    mkdir -p "$dir/registry"
    cat >"$dir/registry/config.yml" <<YAML
version: 0.1
log: {level: info}
storage: {filesystem: {rootdirectory: $dir/registry/data}}
http:
  addr: $registry_address:443
  secret: $(head -c 18 /dev/urandom | base64)
  tls: {certificate: $dir/keys/registry.crt, key: $dir/keys/registry.key}
auth:
  htpasswd: {realm: registry, path: $dir/keys/registry.htpasswd}
YAML
    start world registry docker-registry serve "$dir/registry/config.yml"
    wait_for 20 "the registry" enter world bash -c ': <>/dev/tcp/"$0"/443' "$registry_address"
    SSL_CERT_FILE=$dir/keys/registry-ca.crt REGISTRY_AUTH=$registry_user:$(cat "$dir/keys/registry.password") \
        enter world "$programs/image" push "https://$registry_name" team/web:v1 "$programs/workload"
}
