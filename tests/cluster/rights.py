"""Grants the rights of the README's table to somebody, all and then each time one fewer, and runs pullcheck as them."""

import base64
import json
import re
import subprocess
import sys

CLUSTER, DIR, README = sys.argv[1:]
IMAGE = "contosoacr.azurecr.io/team/web:v1"
VERBS = ("create", "get", "list", "watch", "delete")
USE, PROBES, USER = "use", "probes", "somebody"
# Where a row's rights count, by the words of its second column.
PLACES = {
    "the namespace": USE,
    "the cluster": None,
    "the probes' namespace": PROBES,
    "the probes' namespace, if another": PROBES,
}
missed = 0


def kubectl(*args, given=None):
    done = subprocess.run([CLUSTER, "k", DIR, *args], input=given, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"kubectl {' '.join(args)}: {done.stderr}")
    return done.stdout


def table():
    """The rights of the README: (verb, resource, group, namespace or None, whether it is needed)."""
    rights = []
    for line in open(README):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 3 or cells[1] not in PLACES:
            continue
        verbs, resources = [], []
        for word in re.findall(r"`([a-z./]+)`", cells[0]):
            if word not in VERBS:
                resources.append(word)
                name, _, group = word.partition(".")
                rights += [(verb, name, group, PLACES[cells[1]], "not needed" not in cells[2]) for verb in verbs]
                continue
            if resources:
                verbs, resources = [], []
            verbs.append(word)
    return rights


def grant(rights):
    api, things = "rbac.authorization.k8s.io/v1", []
    for namespace in (USE, PROBES, None):
        rules = [
            {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
            for verb, resource, group, at, _ in rights
            if at == namespace
        ]
        kind = "Role" if namespace else "ClusterRole"
        meta = {"name": USER, **({"namespace": namespace} if namespace else {})}
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": USER}
        subjects = [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": USER}]
        things.append({"apiVersion": api, "kind": kind, "metadata": meta, "rules": rules})
        things.append({"apiVersion": api, "kind": f"{kind}Binding", "metadata": meta, "roleRef": reference, "subjects": subjects})
    kubectl("apply", "-f", "-", given=json.dumps({"apiVersion": "v1", "kind": "List", "items": things}))


def run(*args, verb="check", program=("kubectl-pullcheck",), user=USER):
    command = [CLUSTER, "in", DIR, "env", f"PATH={DIR}/path:/usr/bin:/bin", *program, verb, *args]
    command += ["--kubeconfig", f"{DIR}/keys/admin.kubeconfig", *(["--as", user] if user else [])]
    return subprocess.run(command, capture_output=True, text=True)


def check(*args, image=IMAGE, secret=None, **how):
    args = [*args, *(["--pull-secret", secret] if secret else [])]
    done = run(image, "-n", USE, "--ca-file", f"{DIR}/world.state/ca.pem", "--timeout", "8s", "--pull-timeout", "8s", "-o", "json", "-o",
               f"wide={DIR}/wide.txt", *args, **how)
    try:
        return json.loads(done.stdout), open(f"{DIR}/wide.txt").read() + done.stderr
    except (ValueError, OSError):
        sys.exit(f"no report: {done.stderr}")


HOST = ["--tier", "host", "--probe-image", "cluster.example/probe:1", "--probe-namespace", PROBES]


def left(blind=False):
    """What is there of pullcheck's. Who may not look (`blind`) cannot wait for the end of a deletion that was accepted."""
    things = json.loads(kubectl("get", "pods,jobs", "-A", "-o", "json"))["items"]
    return sorted(
        f"{thing['kind'].lower()}/{thing['metadata']['name']}" for thing in things
        if thing["metadata"]["name"].startswith("pullcheck-") and not (blind and "deletionTimestamp" in thing["metadata"])
    )


def seen(what, good, detail=""):
    global missed
    if not good:
        missed = 1
    print(f"{'good' if good else 'BAD '}  {what}" + ("" if good else f"\n      {detail}"), flush=True)


def named(right):
    verb, resource, group, namespace, _ = right
    whole = f"{resource}.{group}" if group else resource
    return f"{verb} {whole}" + (f" in {namespace}" if namespace else " in the cluster")


def brief(report, text):
    verdict = report["verdict"]
    probe = [(f["status"], f["message"]) for f in report["findings"] if f["check"] == "probe-pod"]
    rights = [(r["verb"], r["resource"], r["namespace"]) for r in report["rights"] if r["allowed"] is False]
    return f"{verdict['status']} {verdict['summary']!r}, probe {probe}, rights denied {rights}, left {left()}"


RIGHTS = table()
for namespace in (USE, PROBES):
    kubectl("create", "namespace", namespace)
    subprocess.run([CLUSTER, "k", DIR, "-n", namespace, "wait", "--for=create", "--timeout=20s", "serviceaccount/default"],
                   check=True, capture_output=True)
seen(f"{len(RIGHTS)} rights are read from the README", len(RIGHTS) > 15, RIGHTS)

grant(RIGHTS)
report, text = check(*HOST, "--claim", "new-node")
whole = [f["status"] for f in report["findings"] if f["check"] == "probe-pod"] == ["pass"]
seen("with all of them a canary and a probe have their answer",
     report["verdict"]["status"] == "healthy" and whole and not left() and len(report["created"]) >= 4
     and all(c["removed"] for c in report["created"]), brief(report, text))
report, text = check(program=("kubectl", "pullcheck"))
seen("and as kubectl's plugin", report["verdict"]["status"] == "healthy" and not left(), brief(report, text))
old = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pullcheck-old", "namespace": USE, "labels": {
    "app.kubernetes.io/managed-by": "pullcheck", "pullcheck.dev/run": "old"}},
    "spec": {"nodeSelector": {"nowhere": "yes"}, "containers": [{"name": "c", "image": "a:1"}]}}
kubectl("create", "-f", "-", given=json.dumps(old))
done = run("-n", USE, verb="cleanup")
seen("and the verb cleanup", done.returncode == 0 and not left(), (done, left()))

for right in RIGHTS:
    grant([other for other in RIGHTS if other != right])
    verb, resource, group, namespace, needed = right
    report, text = check(*(HOST if namespace == PROBES else []))
    in_json = any((r["verb"], r["resource"], r["group"], r["namespace"], r["allowed"]) == (verb, resource, group, namespace, False)
                  for r in report["rights"])
    in_text = re.search(rf"\b{verb}\b[^\n]*\b{resource}\b", text) is not None
    status = report["verdict"]["status"]
    pulled = [f["status"] for f in report["findings"] if f["check"] == "kubelet-pull"] == ["pass"]
    rest = [c for c in report["created"] if not c["removed"]]
    there = left(blind=right[:2] == ("get", "pods"))
    honest = sorted(f"{c['kind'].lower()}/{c['name']}" for c in rest) == there
    problems = [problem for problem, is_there in [
        ("it is not in the JSON", not in_json),
        ("it is not in the report", not in_text),
        ("green, and no kubelet was heard", status == "healthy" and not pulled),
        ("red for a right", status == "unhealthy"),
        ("not needed, and not green", not needed and status != "healthy"),
        ("something is left and not told", not honest),
        ("something is left that could be removed", bool(there) and verb != "delete"),
    ] if is_there]
    seen(f"without {named(right)}: {status}", not problems, f"{problems}; {brief(report, text)}")
    if left():
        run("-A", verb="cleanup", user=None)

# Pull secrets are read where a kubelet was refused, and nowhere else.
SECRETS = [("get", "secrets", "", USE, False), ("list", "secrets", "", USE, False)]
PRIVATE = "registry.contoso.example/team/web:v1"
auths = {"auths": {"registry.contoso.example": {"auth": base64.b64encode(b"puller:wrong").decode()}}}
kubectl("create", "-f", "-", given=json.dumps({
    "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "unnamed", "namespace": USE}, "type": "kubernetes.io/dockerconfigjson",
    "stringData": {".dockerconfigjson": json.dumps(auths)}}))
grant(RIGHTS + SECRETS)
report, text = check(image=PRIVATE)
seen("with the right to read pull secrets, the one that no pod names is found",
     report["verdict"]["cause"] == "PullSecretNotReferenced" and "cHVsbGVy" not in json.dumps(report), brief(report, text))
report, text = check(image=PRIVATE, secret="unnamed")
seen("and one that has the wrong password is told from it",
     report["verdict"]["diagnoses"][0]["candidates"][0] == "PullSecretBadCredentials" and "cHVsbGVy" not in json.dumps(report),
     brief(report, text))
grant(RIGHTS)
report, text = check(image=PRIVATE)
denied = [(r["verb"], r["resource"]) for r in report["rights"] if r["allowed"] is False]
seen("without it both causes stay, and the right is named",
     "PullSecretNotReferenced" in report["verdict"]["diagnoses"][0]["candidates"] and report["verdict"]["cause"] is None
     and ("get", "secrets") in denied and ("list", "secrets") in denied and "secrets" in text, brief(report, text))

# A probe on the pod network is in the namespace of use, and so is the right to its log.
pod = ["--tier", "pod", "--probe-image", "cluster.example/probe:1"]
for more in ([("get", "pods/log", "", USE, False)], []):
    grant(RIGHTS + more)
    report, text = check(*pod)
    heard = [f["status"] for f in report["findings"] if f["check"] == "probe-pod"] == ["pass"]
    denied = any((r["verb"], r["resource"], r["allowed"]) == ("get", "pods/log", False) for r in report["rights"])
    seen(f"a probe in the namespace of use is heard {'by its log' if more else 'without its log, which is named'}",
         report["verdict"]["status"] == "healthy" and heard and denied != bool(more) and not left(), brief(report, text))

# Either of the two is enough to hear a kubelet; without both, and without watching, nobody is heard.
deaf = [("get", "pods"), ("list", "events"), ("watch", "pods"), ("watch", "events")]
grant([right for right in RIGHTS if right[:2] not in deaf or right[3] != USE])
report, text = check()
seen("without a way to hear the kubelet nothing is green",
     report["verdict"]["status"] == "undecided" and "get pods" in text and "list events" in text and not left(blind=True),
     brief(report, text))
sys.exit(missed)
