import Media
import Quality
import TestSupport
import Testing

@Suite("VMAF")
struct VMAFTests {
    private let folder = TemporaryFolder()

    /// A program that answers as `vmaf` does: each frame's mean absolute difference of luma, taken from
    /// 100, counted by a script from the files that it is given.
    private func program(answer: String) -> VMAF {
        let path = folder("vmaf")
        folder.write(
            Array(
                """
                #!/bin/sh
                while [ $# -gt 0 ]; do
                    case "$1" in
                    --reference) reference=$2 ;; --distorted) test=$2 ;; --output) log=$2 ;;
                    esac
                    shift
                done
                \(answer)
                """.utf8), to: "vmaf")
        _ = shell("chmod +x '\(path)'")
        return VMAF(program: path)
    }

    private func frame(_ value: Int) -> Frame {
        var frame = Frame(width: 32, height: 16, format: FrameFormat(.yuv420))
        frame.planes = [
            Plane(width: 32, height: 16) { _, _ in value },
            Plane(width: 16, height: 8) { _, _ in 128 },
            Plane(width: 16, height: 8) { _, _ in 128 },
        ]
        return frame
    }

    @Test("Two scores are the means over the frames that were written, before and after")
    func scores() throws {
        // The score of a frame is its luma, read from the file: 'FRAME' lines and 768 bytes each.
        let vmaf = program(
            answer: """
                head -1 "$test" | grep -q '^YUV4MPEG2 W32 H16 .*C420' || exit 1
                cmp -s "$reference" "$test" && exit 1
                start=$(head -1 "$test" | wc -c)
                echo 'Frame,integer_motion,vmaf,' > "$log"
                for n in 0 1; do
                    at=$((start + n * 774 + 6))
                    echo "$n,0.5,$(od -An -tu1 -j $at -N 1 "$test" | tr -d ' ')," >> "$log"
                done
                """)
        #expect(vmaf.isAvailable)
        let meter = try VMAFMeter(vmaf)
        try meter.add(reference: frame(90), before: frame(40), after: frame(60))
        try meter.add(reference: frame(90), before: frame(50), after: frame(80))
        let scores = try #require(try meter.finish(threads: 1))
        #expect(scores.before == 45 && scores.after == 70)
    }

    @Test("A program that fails or leaves frames out has said nothing")
    func silence() throws {
        #expect(!VMAF(program: folder("none")).isAvailable)
        for answer in [
            "exit 1", "true", "echo 'Frame,vmaf,\n0,80,' > \"$log\"",
            "echo 'Frame,psnr,\n0,80,\n1,80,' > \"$log\"",
        ] {
            let meter = try VMAFMeter(program(answer: answer))
            for _ in 0..<2 {
                try meter.add(reference: frame(90), before: frame(40), after: frame(60))
            }
            #expect(try meter.finish(threads: 1) == nil, "\(answer)")
        }
    }
}
