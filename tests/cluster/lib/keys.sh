# shellcheck shell=bash disable=SC2154
# Keys and certificates of a cluster, in the folder $1. Sourced.

# An authority that signs its own certificate.
authority() { # NAME COMMON-NAME
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.crt" -days 30 \
        -subj "/CN=$2" -addext keyUsage=critical,keyCertSign,cRLSign 2>>"$dir/log/openssl"
}

# A certificate for a server and a client at once.
certificate() { # NAME AUTHORITY SUBJECT [NAMES]
    local name=$1 by=$2 subject=$3 names=${4:-}
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$name.key" -subj "$subject" 2>>"$dir/log/openssl" |
        openssl x509 -req -CA "$by.crt" -CAkey "$by.key" -CAcreateserial -days 30 -out "$name.crt" 2>>"$dir/log/openssl" \
            -extfile <(echo "extendedKeyUsage=serverAuth,clientAuth${names:+$'\n'subjectAltName=$names}")
}

# A kubeconfig for the holder of a certificate. The keys are in it, so that it can be taken elsewhere.
kubeconfig() { # NAME
    cat >"$1.kubeconfig" <<YAML
apiVersion: v1
kind: Config
current-context: cluster
clusters:
- name: cluster
  cluster: {server: "$api_server", certificate-authority-data: $(base64 -w 0 <cluster-ca.crt)}
users:
- name: holder
  user: {client-certificate-data: $(base64 -w 0 <"$1.crt"), client-key-data: $(base64 -w 0 <"$1.key")}
contexts:
- name: cluster
  context: {cluster: cluster, user: holder}
YAML
}

keys() { # FOLDER NODE...
    cd "$1"; shift
    umask 077
    authority cluster-ca "cluster CA"
    # Everything by which somebody reaches the API server, the first address of the services among it.
    certificate apiserver cluster-ca /CN=kube-apiserver \
        "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:$world_address,IP:$service_address"
    certificate apiserver-kubelet cluster-ca /O=system:masters/CN=kube-apiserver-kubelet
    local holder
    certificate admin cluster-ca /O=system:masters/CN=admin
    certificate controller-manager cluster-ca /CN=system:kube-controller-manager
    certificate scheduler cluster-ca /CN=system:kube-scheduler
    # The names that the Node authorizer knows a kubelet by.
    for holder in "$@"; do certificate "$holder" cluster-ca "/O=system:nodes/CN=system:node:$holder"; done
    for holder in admin controller-manager scheduler "$@"; do kubeconfig "$holder"; done
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out service-accounts.key 2>>"$dir/log/openssl"
    openssl pkey -in service-accounts.key -pubout -out service-accounts.pub

    authority registry-ca "registry CA"
    certificate registry registry-ca "/CN=$registry_name" "DNS:$registry_name"
    head -c 18 /dev/urandom | base64 >registry.password
    # By standard input: an argument list is everybody's to read.
    htpasswd -niB "$registry_user" <registry.password | sed '/^$/d' >registry.htpasswd
}
