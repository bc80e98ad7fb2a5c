# shellcheck shell=bash disable=SC2154
# Namespaces, and processes in them. Sourced; $dir is the cluster's folder.

# A namespace is known by its first process: NAME.init holds its host pid and start time, by which nobody else is taken
# for it once it has ended.
started() { # PID: its start time, in ticks since the machine started
    # The second field is the program's name in brackets, which may hold anything.
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

init_of() { # NAME
    local pid since
    [ -e "$dir/$1.init" ] && read -r pid since <"$dir/$1.init" && [ "$(started "$pid")" = "$since" ] && echo "$pid"
}

# The first process of the namespace below PID, which is DEPTH namespaces deep.
init_below() { # PID DEPTH
    local pid=$1 ids
    while true; do
        pid=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null) && pid=${pid%% *} && [ -n "$pid" ] || return 1
        ids=$(sed -n 's/^NSpid:[[:space:]]*//p' "/proc/$pid/status") || return 1
        # shellcheck disable=SC2086  # one word an id
        set -- "$1" "$2" $ids
        # Its own id there is 1.
        if [ $(($# - 2)) -gt "$2" ] && [ "${!#}" = 1 ]; then echo "$pid"; return; fi
    done
}

# How many pid namespaces deep this shell is.
depth() { sed -n 's/^NSpid:[[:space:]]*//p' /proc/self/status | wc -w; }

wait_for() { # SECONDS WHAT COMMAND...
    local until=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        if [ "$SECONDS" -ge "$until" ]; then
            echo "cluster: $what did not come in time; the logs are in $dir/log" >&2
            return 1
        fi
        sleep 0.1
    done
}

# Namespaces of all kinds below those of OUTER (a namespace's name, or nothing). Its first process reaps what is left to
# it; when that or the one before it ends, the kernel ends everything inside.
namespace() { # NAME [OUTER]
    local name=$1 outer=${2:-} depth first
    depth=$(depth)
    local words=(unshare --net --mount --uts --ipc --pid --fork --kill-child=KILL --mount-proc "$programs/workload")
    if [ -n "$outer" ]; then
        depth=$((depth + 1))
        words=(nsenter --target "$(init_of "$outer")" --net --mount --uts --ipc --pid -- "${words[@]}")
    elif [ -n "${tied:-}" ]; then
        words=(setpriv --pdeathsig KILL -- "${words[@]}")
    fi
    # A session of its own: no Ctrl-C and no hangup of a terminal reaches it.
    env -i PATH="$PATH" setsid "${words[@]}" </dev/null >"$dir/log/$name.namespace" 2>&1 &
    first=$!
    disown
    wait_for 20 "the namespace $name" init_below "$first" "$depth"
    first=$(init_below "$first" "$depth")
    echo "$first $(started "$first")" >"$dir/$name.init"
    # The mount of /proc comes after the fork.
    wait_for 20 "/proc of $name" enter "$name" test -e /proc/1/ns
    enter "$name" hostname "$name"
    enter "$name" ip link set lo up
}

enter() { # NAME COMMAND...
    local pid
    pid=$(init_of "$1") || { echo "cluster: there is no $1 running in $dir" >&2; return 1; }
    shift
    nsenter --target "$pid" --net --mount --uts --ipc --pid -- "$@"
}

# A program that stays, with nothing of this shell's environment. Its log is log/NAME, its pid (in the namespace) pid/NAME,
# and what it takes to start it again stands in run/NAME.
start() { # WHERE NAME COMMAND...
    local where=$1 name=$2
    shift 2
    printf '%q ' "$@" >"$dir/run/$name"
    again "$where" "$name"
}

again() { # WHERE NAME [VARIABLE=VALUE...]
    local where=$1 name=$2
    shift 2
    # shellcheck disable=SC2016  # the inner shell's
    enter "$where" env -i PATH="$PATH" HOME="$dir" TMPDIR="$dir/tmp" "$@" setsid bash -c 'echo $$ >"$0"; eval "exec $1"' \
        "$dir/pid/$name" "$(cat "$dir/run/$name")" </dev/null >>"$dir/log/$name" 2>&1 &
    disown
}

# Ends such a program and waits until it has.
stop() { # WHERE NAME
    local pid
    [ -e "$dir/pid/$2" ] || return 0
    pid=$(cat "$dir/pid/$2")
    enter "$1" kill "$pid" 2>/dev/null || true
    # shellcheck disable=SC2016
    wait_for 20 "the end of $2" enter "$1" bash -c '! kill -0 "$0" 2>/dev/null' "$pid"
    rm -f "$dir/pid/$2"
}
