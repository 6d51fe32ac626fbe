// How well lost slices are found, and how close to the undamaged video their repair comes.
import Glibc
import Media
import Motion
import Terminal

/// Encodes clips, loses slices at known places, and compares what comes of them with the same encoding undamaged.
struct Concealment {
    /// Pristine clips.
    let clips: [String]
    /// Shares of slices that are lost.
    var shares = [0.01, 0.03, 0.1]
    var codecs = CodedSlices.Codec.allCases

    /// Prints a line for each codec and share: how many of the differing cells the map names and how many of those that
    /// it names differ; then the mean over clips of luma PSNR in cells that were never decoded, and in all that are
    /// touched.
    func report() throws {
        print(
            """

            lost slices of \(clips.count) clips. Found: share of the cells that differ from the undamaged video by more
            than half a step on average, and share of the named cells that do. Then luma PSNR of cells never decoded, and of
            all that hang on them: FFmpeg's concealment, a copy of the nearest picture along the flow around, ours
                               found  right      FFmpeg            copy              ours
            """)
        for codec in codecs {
            for share in shares { try report(codec, share) }
        }
    }

    private func report(_ codec: CodedSlices.Codec, _ share: Double) throws {
        var found = LossFigures()
        var sums = [[Double]](repeating: [0, 0], count: 3)
        var count = 0.0
        for (index, clip) in clips.enumerated() {
            let files = try damage(clip, codec, share, seed: UInt64(index + 1))
            let clean = try frames(of: files.clean),
                exposed = try frames(of: files.damaged, .expose)
            guard clean.count == exposed.count else { continue }
            for (frame, other) in zip(exposed, clean) {
                found.add(frame.loss, truth: differingCells(frame, other))
            }
            guard exposed.contains(where: { $0.loss != nil }) else { continue }
            let results = [
                try frames(of: files.concealed),
                try frames(of: files.damaged, .repair { FlowRepair(.around) }),
                try frames(of: files.damaged, .repair { FlowRepair() }),
            ]
            guard results.allSatisfy({ $0.count == clean.count }) else { continue }
            count += 1
            for (number, result) in results.enumerated() {
                var lost = LossFigures(), touched = LossFigures()
                for index in clean.indices {
                    guard let map = exposed[index].loss else { continue }
                    lost.add(result[index], clean[index], where: map.isLost)
                    touched.add(result[index], clean[index], where: map.share.map { $0 > 0 })
                }
                sums[number][0] += lost.psnr
                sums[number][1] += touched.psnr
            }
        }
        let name = "\(codec.rawValue) \(fixed(share * 100, decimals: 0)) %"
        let figures = sums.map { sum in
            sum.map { fixed($0 / max(count, 1), decimals: 2) }.joined(separator: " / ")
        }
        print(
            name, fixed(found.recall, decimals: 4), fixed(found.precision, decimals: 4),
            figures.joined(separator: "     "), separator: "     ")
        fflush(nil)
    }

    /// A clip encoded, without some slices, and that as FFmpeg conceals it.
    private func damage(
        _ clip: String, _ codec: CodedSlices.Codec, _ share: Double, seed: UInt64
    ) throws -> (clean: String, damaged: String, concealed: String) {
        let name = clip.split(separator: "/").last ?? ""
        let clean = "\(BenchmarkFolder.path)/\(name).\(codec.rawValue).mkv"
        let stream = clean + ".es", damaged = clean + ".lost." + (codec == .mpeg4 ? "m4v" : "mkv")
        let concealed = BenchmarkFolder.path + "/concealed.y4m"
        if access(stream, F_OK) != 0 {
            try shell(
                "ffmpeg -v error -y -i '\(clip)' -an -pix_fmt yuv420p \(codec.encoding) '\(clean)' "
                    + "&& ffmpeg -v error -y -i '\(clean)' -c copy \(codec.elementary) '\(stream)'")
        }
        let slices = CodedSlices(try bytes(of: stream), codec)
        let lost = slices.lost(share, seed: seed)
        // Slices of MPEG-4 have no type that decoders pass over; without B-frames its stream needs no container.
        let result =
            codec == .mpeg4
            ? slices.without(lost) : slices.spoilt(try bytes(of: clean), lost, codec)
        try write(result, to: damaged)
        // One thread: with several FFmpeg leaves H.264 unconcealed where slices are decoded side by side.
        try shell(
            "ffmpeg -v quiet -y -threads 1 -i '\(damaged)' -vsync passthrough -f yuv4mpegpipe "
                + "'\(concealed)'")
        return (clean, damaged, concealed)
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "wb") else { throw BenchmarkFailure(what: path) }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
            throw BenchmarkFailure(what: path)
        }
    }
}
