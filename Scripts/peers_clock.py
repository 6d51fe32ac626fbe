"""What time is for all peers, and how many threads each gets; to be imported before any library that counts threads.

On a busy machine one thread's processor time (--cpu-time) says more than the clock.
"""
import os
import sys
import time

IS_CPU_TIME = "--cpu-time" in sys.argv
THREADS = 1 if IS_CPU_TIME else 2
CLOCK = time.process_time if IS_CPU_TIME else time.perf_counter
os.environ["PERCEPT_THREADS"] = str(THREADS)
if IS_CPU_TIME:
    os.environ["PERCEPT_CPU_TIME"] = "1"
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = str(THREADS)
