// What a batch survives: kills at any moment, full disks, thousands of files.
import Glibc
import Terminal
import TestSupport
import Testing

@Suite("pipeline survives", .serialized)
struct PipelineSurvivalTests {
    @Test("Killed at random moments and resumed, a batch comes out as if nothing had happened")
    func kills() throws {
        let place = try PipelinePlace()
        let count = 12
        for number in 0..<count { place.clip("\(number).mp4", frames: 24, hue: 30 * number) }
        #expect(try place.run("--jobs", "1").status == 0)
        let wanted = place.samples()
        #expect(wanted.count == count && Set(wanted.values).count == count)
        shell("rm -r '\(place.output)'")

        let kills = isSoaking ? 100 : 10
        var done = 0, killed = 0
        while killed < kills {
            // When all is done, the next kills have a fresh start.
            if place.samples().count == count { shell("rm -r '\(place.output)'") }
            let before = place.samples()
            let program = try place.pipeline.start(
                ["run"] + place.words + ["--progress", "none", "--jobs", "1"])
            usleep(.random(in: 0...900_000))
            program.send(SIGKILL)
            let result = program.wait()
            if result.status == 128 + SIGKILL { killed += 1 }
            let after = place.samples()
            // What has its name is whole.
            for (name, samples) in after { #expect(samples == wanted[name], "\(name)") }
            // What was done is not lost; and what the run told of is there.
            #expect(Set(before.keys).isSubset(of: after.keys))
            let told = result.errors.split(separator: "\n").filter { $0.contains(" frames at ") }
            done += told.count
            // At most the unit in flight has its output and not its record.
            #expect(after.count - before.count - told.count <= 1)
        }
        #expect(try place.run().status == 0)
        #expect(place.samples() == wanted)
        let left = String(
            decoding: shell("find '\(place.output)' -name '*.part'").output, as: UTF8.self)
        #expect(left.isEmpty, "\(left)")
    }

    /// A library that fails writes as a full disk does, once a process has written so many bytes.
    private static let fullDisk = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <errno.h>
        #include <stdlib.h>
        #include <unistd.h>
        #include <sys/uio.h>
        static long left = -1;
        static int full(size_t count, int descriptor) {
            if (descriptor <= 2) return 0;
            if (left < 0) left = atol(getenv("DISK_BYTES"));
            long now = __sync_sub_and_fetch(&left, (long)count);
            if (now >= 0) return 0;
            left = 0;
            errno = ENOSPC;
            return 1;
        }
        ssize_t write(int descriptor, const void *bytes, size_t count) {
            static ssize_t (*next)(int, const void *, size_t);
            if (!next) next = dlsym(RTLD_NEXT, "write");
            return full(count, descriptor) ? -1 : next(descriptor, bytes, count);
        }
        ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
            static ssize_t (*next)(int, const void *, size_t, off_t);
            if (!next) next = dlsym(RTLD_NEXT, "pwrite");
            return full(count, descriptor) ? -1 : next(descriptor, bytes, count, offset);
        }
        ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset) {
            return pwrite(descriptor, bytes, count, offset);
        }
        """

    @Test(
        "A disk that is full at any moment is 74 and one line, and later the same command goes on")
    func full() throws {
        let place = try PipelinePlace()
        for number in 0..<3 { place.clip("\(number).mp4", frames: 16, hue: 60 * number) }
        let source = place.folder.write(Array(Self.fullDisk.utf8), to: "full.c")
        let library = place.folder("full.so")
        try #require(shell("clang -shared -fPIC -O1 -o '\(library)' '\(source)' -ldl").status == 0)
        #expect(try place.run("--jobs", "1").status == 0)
        let wanted = place.samples()
        let size = shell(
            "find '\(place.output)' -type f -printf '%s\\n' | awk '{ s += $1 } END { print s }'"
        ).output
        let all = try #require(Int(String(decoding: size.dropLast(), as: UTF8.self)))
        let sizes = isSoaking ? 10 : 3
        for step in 0..<sizes {
            shell("rm -r '\(place.output)'")
            let bytes = all * (2 * step + 1) / (2 * sizes)
            let result = try place.run(
                "--jobs", "1",
                environment: ["LD_PRELOAD": library, "DISK_BYTES": "\(bytes)"])
            #expect(result.status == 74, "\(bytes) of \(all): \(result.errors)")
            #expect(result.errors.contains("No space left") || result.errors.contains("full"))
            for (name, samples) in place.samples() { #expect(samples == wanted[name], "\(name)") }
            #expect(try place.run().status == 0)
            #expect(place.samples() == wanted)
        }
    }

    /// Whether this system lets us mount a small disk of our own.
    private static let canMount =
        shell("unshare -rm mount -t tmpfs none /mnt 2> /dev/null").status == 0

    @Test("A real disk that is full is 74, and what it holds is whole", .enabled(if: canMount))
    func smallDisk() throws {
        let place = try PipelinePlace()
        for number in 0..<3 { place.clip("\(number).mp4", frames: 16, hue: 60 * number) }
        shell("mkdir '\(place.output)' '\(place.folder("kept"))'")
        let words = place.words.map { "'\($0)'" }.joined(separator: " ")
        for kilobytes in isSoaking ? [4, 16, 40, 70, 100, 130, 160, 190] : [16, 100] {
            // What is left on the disk is copied from it, before it goes with the last process that sees it.
            let result = shell(
                """
                unshare -rm sh -c 'mount -t tmpfs -o size=\(kilobytes)k none "\(place.output)" || exit 9
                "\(place.pipeline.path)" run \(words.replacing("'", with: "\"")) -q --jobs 1
                status=$?
                cp "\(place.output)"/*.enhanced.mkv "\(place.folder("kept"))" 2> /dev/null
                exit $status' 2>&1
                """)
            let said = String(decoding: result.output, as: UTF8.self)
            #expect(result.status == 74, "\(kilobytes) kB: \(said)")
        }
        // Files that have their name can be decoded to their end.
        let kept = shell("ls '\(place.folder("kept"))'").output.split(separator: 10)
        for name in kept {
            let path = place.folder("kept/" + String(decoding: name, as: UTF8.self))
            #expect(Workplace.probe(path, "nb_read_frames") == "16")
        }
    }

    /// A library under which the time of day jumps by hours, back and forth.
    private static let jumpingClock = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdlib.h>
        #include <time.h>
        int clock_gettime(clockid_t clock, struct timespec *time) {
            static int (*next)(clockid_t, struct timespec *);
            if (!next) next = dlsym(RTLD_NEXT, "clock_gettime");
            int result = next(clock, time);
            if (clock == CLOCK_REALTIME) time->tv_sec += (rand() % 9 - 4) * 40000;
            return result;
        }
        time_t time(time_t *where) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (where) *where = now.tv_sec;
            return now.tv_sec;
        }
        """

    @Test("A clock that jumps changes nothing, and inputs of the future are as good as others")
    func clock() throws {
        let place = try PipelinePlace()
        for number in 0..<3 { place.clip("\(number).mp4", frames: 12, hue: 60 * number) }
        #expect(try place.run().status == 0)
        let wanted = place.samples()
        shell("rm -r '\(place.output)'")
        let source = place.folder.write(Array(Self.jumpingClock.utf8), to: "clock.c")
        let library = place.folder("clock.so")
        try #require(
            shell("clang -shared -fPIC -O1 -o '\(library)' '\(source)' -ldl").status == 0)
        shell("touch -d 2060-01-01 '\(place.folder("in/0.mp4"))'")
        let result = try place.run(environment: ["LD_PRELOAD": library])
        #expect(result.status == 0, "\(result.errors)")
        #expect(place.samples() == wanted)
        let again = try place.run()
        #expect(again.errors.contains("3 of 3 done (3 were done before)"), "\(again.errors)")
    }

    @Test("Many tiny files are all done")
    func many() throws {
        let place = try PipelinePlace()
        let count = isSoaking ? 1000 : 60
        ffmpeg("-f lavfi -i testsrc2=size=16x16 -frames:v 1 '\(place.folder("tiny.jpg"))'")
        shell(
            "cd '\(place.folder.path)' && for i in $(seq \(count)); do cp tiny.jpg in/$i.jpg; done")
        let result = try place.run("-q")
        #expect(result.status == 0, "\(result.errors)")
        #expect(place.samples().count == count)
    }
}
