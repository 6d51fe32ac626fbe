// The two scripts that Slurm runs: one for each unit, one when all have ended.

/// Texts for `sbatch`; everything that varies comes as arguments, so that no name need be quoted.
enum SlurmScripts {
    /// One unit per task of an array.
    static let unit = #"""
        #!/bin/bash
        # One unit per task of an array. Arguments: restarts allowed, offset, then the command less its index.
        restarts=$1 offset=$2
        shift 2
        me=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID

        # USR1 comes a minute before the time limit, TERM from scancel, preemption and the limit itself; the
        # unit stops upon TERM.
        child='' caught=''
        trap 'caught=yes; kill -TERM "$child" 2>/dev/null' USR1 TERM
        "$@" "$((SLURM_ARRAY_TASK_ID + offset))" &
        child=$!
        while caught=''; wait "$child"; status=$?; [ -n "$caught" ]; do :; done
        # A unit that was stopped can go on elsewhere.
        [ "$status" -ne 143 ] || status=75

        # Again: Slurm repeats nothing by itself. Only what still runs is requeued, or scancel would be undone.
        if [ "$status" -eq 75 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt "$restarts" ]; then
            case $(squeue --noheader --jobs="$me" --format=%T) in
            RUNNING | SIGNALING)
                # Requeueing kills whoever asks for it.
                trap '' TERM
                echo "unit: again, restart $((${SLURM_RESTART_COUNT:-0} + 1)) of $restarts" >&2
                scontrol requeue "$me" >&2
                ;;
            esac
        fi
        exit "$status"

        """#

    /// Joins the units once the arrays have ended, however they ended.
    static let merge = #"""
        #!/bin/bash
        # Joins the units once the arrays have ended, however they ended. Arguments: rounds left, then the program,
        # the manifest, and what follows it in a submission.
        rounds=$1 program=$2 manifest=$3
        shift 3

        "$program" merge "$manifest" --progress none
        status=$?
        if [ "$status" -eq 75 ] && [ "$rounds" -gt 0 ]; then
            # What Slurm told this job must not reach the next ones; the cluster and this job's number stay.
            for name in "${!SLURM_@}"; do
                case $name in SLURM_CONF | SLURM_JOB_ID) ;; *) unset "$name" ;; esac
            done
            echo "merge: units are missing; $rounds rounds left" >&2
            exec "$program" submit "$manifest" --rounds "$((rounds - 1))" "$@"
        fi
        exit "$status"

        """#
}
