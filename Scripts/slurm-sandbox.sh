#!/usr/bin/env bash
# A throw-away Slurm cluster on this machine: one controller and two emulated nodes, for tests.
#
#   Scripts/slurm-sandbox.sh start DIR   starts it and prints the line that points Slurm's programs at it
#   Scripts/slurm-sandbox.sh stop DIR    cancels its jobs and ends its daemons, nothing else
#
# Needs, on Debian: apt-get install --no-install-recommends slurm-wlm. Configuration, state, logs and
# process numbers all lie in DIR, which must be on a local disk. It needs neither root nor munge nor
# systemd. It asks nobody who they are: it listens on 127.0.0.1 only, but everybody on this machine
# can run jobs as you while it is up.
#
# kill -9 $(cat DIR/node1.pid) is how a node dies; slurmd -N node1 -f DIR/slurm.conf brings it back.
# A job in the partition "urgent" preempts those in "main", which are requeued.
#
# From the environment:
#   SANDBOX_CPUS=4         CPUs that each node pretends to have
#   SANDBOX_TIMEOUT=10     seconds until a node whose daemon is dead is down
#   SANDBOX_ARRAY=1001     MaxArraySize; 1001 is Slurm's own default
#   SANDBOX_REQUEUE=5      seconds a requeued job waits; 5 is the least, and Slurm's own default is 120
set -euo pipefail

nodes=(node0 node1)
cpus=${SANDBOX_CPUS:-4}
node_timeout=${SANDBOX_TIMEOUT:-10}
max_array=${SANDBOX_ARRAY:-1001}
requeue_delay=${SANDBOX_REQUEUE:-5}

fail() {
    printf 'slurm-sandbox: error: %s\n' "$1" >&2
    exit "${2:-69}"
}

usage() {
    printf 'usage: slurm-sandbox.sh start|stop DIR\n' >&2
    exit 64
}

[ $# -eq 2 ] || usage
action=$1
case "$2" in
*[[:space:]]* | *[#=,]*) fail "Slurm's configuration cannot name a folder like '$2'" 64 ;;
esac

# Debian keeps the daemons in sbin, which a user's PATH may lack.
PATH=$PATH:/usr/sbin:/sbin

# The daemons that were started with this cluster's configuration. Not from their .pid files: a daemon
# removes its own before it has ended.
daemons() {
    local pid
    for pid in $(pgrep '^slurm(ctld|d)'); do
        if tr '\0' '\n' <"/proc/$pid/cmdline" | grep -qxF -- "$dir/slurm.conf"; then
            printf '%s\n' "$pid"
        fi
    done 2>/dev/null
}

# Steps outlive the daemon of their node, and programs their step. A step holds its node's log open;
# a program has both the cluster and a job in its environment.
steps() {
    local pid
    {
        for pid in $(pgrep slurmstepd); do
            if readlink "/proc/$pid/fd/"* | grep -qxF -e "$dir/node0.log" -e "$dir/node1.log"; then
                printf '%s\n' "$pid"
            fi
        done
        grep -lzxF -- "SLURM_CONF=$dir/slurm.conf" /proc/[0-9]*/environ |
            xargs -r grep -lz '^SLURM_JOB_ID=' | cut -d / -f 3
    } 2>/dev/null || true
}

# Three ports in a row, below those that the kernel hands out by itself.
free_ports() {
    local try port first
    for try in {1..50}; do
        first=$((20000 + RANDOM % 12000))
        for port in $first $((first + 1)) $((first + 2)); do
            if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
                continue 2
            fi
        done
        printf '%s\n' "$first"
        return
    done
    fail "no three free ports in a row"
}

write_configuration() {
    local user host port memory
    user=$(id -un)
    host=$(hostname -s)
    port=$(free_ports)
    memory=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
    cat >"$dir/slurm.conf" <<TEXT
ClusterName=sandbox
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=$user
SlurmdUser=$user

# No secrets and no control groups: one user, one machine.
AuthType=auth/none
CredType=cred/none
AuthInfo=cred_expire=$requeue_delay
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SwitchType=switch/none
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny

StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool/%n
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/%n.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/%n.log
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$dir/jobs.log

# As on most clusters.
MaxArraySize=$max_array
JobRequeue=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2

# Impatient, unlike any cluster.
SlurmdTimeout=$node_timeout
KillWait=2
MinJobAge=300
SchedulerParameters=sched_interval=2,batch_sched_delay=0,sched_min_interval=0,bf_interval=2

NodeName=DEFAULT CPUs=$cpus RealMemory=$memory State=UNKNOWN
NodeName=${nodes[0]} NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1))
NodeName=${nodes[1]} NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2))

PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=main Nodes=ALL Default=YES State=UP MaxTime=INFINITE
PartitionName=urgent Nodes=ALL PriorityTier=10 PreemptMode=off State=UP MaxTime=INFINITE
TEXT
}

start() {
    local program node
    for program in slurmctld slurmd sbatch; do
        command -v "$program" >/dev/null || fail "$program is missing: apt-get install --no-install-recommends slurm-wlm"
    done
    mkdir -p "$dir/state"
    [ -z "$(daemons)" ] || fail "a cluster is running in $dir already"
    # State of an earlier run would bring back its jobs.
    rm -rf "${dir:?}/state" "$dir/spool" "$dir"/*.log "$dir"/*.pid
    mkdir -p "$dir/state"
    for node in "${nodes[@]}"; do
        mkdir -p "$dir/spool/$node"
    done
    write_configuration

    slurmctld -f "$dir/slurm.conf" </dev/null >"$dir/slurmctld.out" 2>&1 ||
        fail "slurmctld did not start: see $dir/slurmctld.out"
    for node in "${nodes[@]}"; do
        slurmd -N "$node" -f "$dir/slurm.conf" </dev/null >"$dir/$node.out" 2>&1 ||
            { stop; fail "slurmd did not start: see $dir/$node.out"; }
    done

    local second
    for second in {1..60}; do
        if [ "$(sinfo -h -o %T 2>/dev/null | sort -u)" = idle ] &&
            [ "$(sinfo -h -o %D 2>/dev/null)" = "${#nodes[@]}" ]; then
            printf 'export SLURM_CONF=%q\n' "$dir/slurm.conf"
            return
        fi
        sleep 1
    done
    stop
    fail "the nodes were not idle within a minute: see the logs in $dir"
}

# Waits at most $1 seconds until the function $2 prints nothing.
wait_for_none() {
    local second
    for ((second = 0; second < $1; second++)); do
        [ -n "$("$2")" ] || return 0
        sleep 1
    done
    [ -z "$("$2")" ]
}

stop() {
    local signal pids
    [ -f "$dir/slurm.conf" ] || fail "no cluster in $dir" 66
    # Jobs first: their processes would go on without a daemon.
    if [ -n "$(steps)" ] && timeout 5 scontrol ping 2>/dev/null | grep -q 'is UP'; then
        timeout 10 scancel --user="$(id -un)" 2>/dev/null || true
        wait_for_none 5 steps || true
    fi
    for signal in TERM KILL; do
        pids=$(daemons)
        [ -z "$pids" ] || xargs kill -s "$signal" <<<"$pids" 2>/dev/null || true
        pids=$(steps)
        [ -z "$pids" ] || xargs kill -s KILL <<<"$pids" 2>/dev/null || true
        if wait_for_none 10 daemons && wait_for_none 5 steps; then
            return
        fi
    done
    fail "something in $dir does not end"
}

case "$action" in
start)
    mkdir -p "$2"
    dir=$(cd "$2" && pwd -P)
    ;;
stop)
    dir=$(cd "$2" 2>/dev/null && pwd -P) || fail "no folder $2" 66
    ;;
*) usage ;;
esac
export SLURM_CONF=$dir/slurm.conf
"$action"
