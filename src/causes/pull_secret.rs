//! Which pull secrets a pod names, and whether they are there.
//!
//! *Invariant:* data only; the words here are what `explain` and the published table say.

causes! {
    /// the pull secret that the pod names is not in its namespace
    ///
    /// Seen: the event FailedToRetrieveImagePullSecret names the secret, and the pull is refused for want
    /// of a credential. Below Kubernetes 1.37 the event is there on healthy pods too: it is the cause only
    /// where the registry refuses.
    ///
    /// Why: secrets belong to a namespace, and this one was made in another, was deleted, has another name,
    /// or is yet to be written by a tool that fetches it. The kubelet leaves it out and pulls with what
    /// else it has.
    ///
    /// Prove: read the names that the pod has, and ask for them in its namespace.
    /// - `kubectl get pod POD -n NAMESPACE -o jsonpath='{.spec.imagePullSecrets[*].name}'`
    /// - `kubectl get secret NAME -n NAMESPACE`
    ///
    /// Alike: PullSecretNotReferenced has the secret and nobody names it; PullSecretServerMismatch is there,
    /// for another host; PullSecretMalformed is there and cannot be read; PrivateImageNoCredentials names
    /// none.
    ///
    /// Fix: make the secret in the pod's namespace (`kubectl create secret docker-registry NAME -n NAMESPACE
    /// --from-file=.dockerconfigjson=FILE`), or correct its name in the pod or its service account. The
    /// kubelet takes it at its next try.
    PullSecretNotFound {
        layer: "registry-auth-pull-secret",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Cluster],
        alike: [PullSecretNotReferenced, PullSecretServerMismatch, PullSecretMalformed, PrivateImageNoCredentials],
        docs: Some("https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/"),
    }

    /// a pull secret for this registry is there, and the pod does not name it
    ///
    /// Seen: the pod pulls without a credential and is refused, while its namespace has a secret for the
    /// image's host.
    ///
    /// Why: neither the pod nor its service account lists the secret in `imagePullSecrets`; the list stands
    /// at the wrong place of the manifest, where it is dropped; or the service account got it after the pod
    /// was made.
    ///
    /// Prove: compare what the pod and its service account name with what there is.
    /// - `kubectl get pod POD -n NAMESPACE -o jsonpath='{.spec.serviceAccountName}{" "}{.spec.imagePullSecrets[*].name}'`
    /// - `kubectl get serviceaccount NAME -n NAMESPACE -o jsonpath='{.imagePullSecrets[*].name}'`
    /// - `kubectl get secrets -n NAMESPACE --field-selector type=kubernetes.io/dockerconfigjson`
    ///
    /// Alike: PullSecretNotFound is named and not there; PullSecretServerMismatch is named, for another
    /// host; PrivateImageNoCredentials has no secret for this host; MutatedByAdmission took the secret out
    /// of the pod.
    ///
    /// Fix: name the secret in the pod template, beside `containers`, or in the service account (`kubectl
    /// patch serviceaccount`). A service account gives it to new pods only: create the pods again.
    PullSecretNotReferenced {
        layer: "registry-auth-pull-secret",
        owner: Workload,
        lasting: Permanent,
        place: Anywhere,
        decided_by: [Cluster],
        alike: [PullSecretNotFound, PullSecretServerMismatch, PrivateImageNoCredentials, MutatedByAdmission],
        docs: Some("https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#add-imagepullsecrets-to-a-service-account"),
    }
}
