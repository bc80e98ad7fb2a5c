# shellcheck shell=bash disable=SC2154
# etcd and the servers of Kubernetes. Sourced.

api_server_up() {
    local keys=$dir/keys
    # Nothing here outlives the cluster, so etcd need not wait for the disk.
    start world etcd "$kube/etcd" --data-dir "$dir/etcd" --unsafe-no-fsync \
        --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
        --listen-peer-urls http://127.0.0.1:2380
    start world kube-apiserver "$kube/kube-apiserver" --etcd-servers http://127.0.0.1:2379 \
        --bind-address 0.0.0.0 --advertise-address "$world_address" --secure-port 6443 \
        --service-cluster-ip-range 10.96.0.0/16 --allow-privileged \
        --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction \
        --client-ca-file "$keys/cluster-ca.crt" \
        --tls-cert-file "$keys/apiserver.crt" --tls-private-key-file "$keys/apiserver.key" \
        --kubelet-client-certificate "$keys/apiserver-kubelet.crt" --kubelet-client-key "$keys/apiserver-kubelet.key" \
        --kubelet-preferred-address-types InternalIP \
        --service-account-issuer https://kubernetes.default.svc \
        --service-account-key-file "$keys/service-accounts.pub" \
        --service-account-signing-key-file "$keys/service-accounts.key"
}

# Not before the API server is ready: a controller manager that finds it otherwise waits 5 s before it looks again.
controllers_up() {
    local keys=$dir/keys
    # Its usual limit of requests a second would delay the service accounts of new namespaces, and with them every pod.
    start world kube-controller-manager "$kube/kube-controller-manager" \
        --kubeconfig "$keys/controller-manager.kubeconfig" --leader-elect=false --bind-address 127.0.0.1 \
        --kube-api-qps 500 --kube-api-burst 1000 --use-service-account-credentials \
        --flex-volume-plugin-dir "$dir/tmp" \
        --service-account-private-key-file "$keys/service-accounts.key" --root-ca-file "$keys/cluster-ca.crt"
    start world kube-scheduler "$kube/kube-scheduler" --kubeconfig "$keys/scheduler.kubeconfig" \
        --leader-elect=false --bind-address 127.0.0.1
}

kubectl() { enter world "$kube/kubectl" --kubeconfig "$dir/keys/admin.kubeconfig" --cache-dir "$dir/tmp/kubectl" "$@"; }
