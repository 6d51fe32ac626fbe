#!/usr/bin/env python3
"""One environment of Gymnasium, spoken to over standard input and output; percept-lab starts it.

    gymnasium-pipe.py NAME

It says b"gym1", then the numbers of a state and of an action (int32) and the largest number of an action
(float32). Asked b"r" with a seed (uint64) it begins an episode and answers the state; asked b"s" with an action
(float32 each) it answers the state after it (float32 each), the reward (float32), and two bytes: whether the
episode has ended, and whether it was cut for lack of time. All numbers are little-endian. Where gymnasium or the
environment is missing it says b"none" and why.
"""

import os
import struct
import sys


def main():
    pipe_in, pipe_out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", buffering=0)
    # What libraries print must not get between the answers.
    os.dup2(2, 1)

    def read(count):
        data = pipe_in.read(count)
        if len(data) < count:
            sys.exit(0)
        return data

    try:
        import gymnasium
        import numpy

        world = gymnasium.make(sys.argv[1])
        states, actions = world.observation_space.shape[0], world.action_space.shape[0]
        limit = float(world.action_space.high.max())
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        pipe_out.write(b"none" + reason.encode())
        return

    pipe_out.write(b"gym1" + struct.pack("<iif", states, actions, limit))
    while True:
        kind = read(1)
        if kind == b"r":
            (seed,) = struct.unpack("<Q", read(8))
            state, _ = world.reset(seed=seed % 2**32)
            pipe_out.write(numpy.asarray(state, "<f4").tobytes())
        else:
            action = numpy.frombuffer(read(4 * actions), "<f4")
            state, reward, ended, cut, _ = world.step(action)
            pipe_out.write(
                numpy.asarray(state, "<f4").tobytes() + struct.pack("<fBB", reward, ended, cut)
            )


if __name__ == "__main__":
    main()
