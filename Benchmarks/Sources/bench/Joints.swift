// What joints of a video that is worked in parts cost in size and quality.
import Terminal

/// Measures `mwgan enhance --segment` beside the same command in one piece, with x264.
struct Joints {
    /// The program, and pristine clips that become one video.
    let mwgan: String, clips: [String]
    /// Frames from one joint to the next, and how many on either side of one count as near it.
    static let length = 100, near = 12

    /// Prints size and loss near the joints of a video in parts.
    ///
    /// - Returns: What `Thresholds` compares: sizes, and limits beside what was found.
    func report() throws -> [String: Double] {
        let folder = BenchmarkFolder.path + "/joints"
        try shell("rm -rf '\(folder)' && mkdir '\(folder)'")
        let pristine = folder + "/pristine.mkv", damaged = folder + "/damaged.mp4"
        let inputs = clips.map { "-i '\($0)'" }.joined(separator: " ")
        let chains = clips.indices.map {
            "[\($0):v]fps=25,scale=416:240,setsar=1,format=yuv420p[v\($0)];"
        }.joined()
        let names = clips.indices.map { "[v\($0)]" }.joined()
        try shell(
            "ffmpeg -v error -y \(inputs) -filter_complex '\(chains)\(names)concat=n=\(clips.count)' "
                + "-c:v ffv1 '\(pristine)'")
        try shell(
            "ffmpeg -v error -y -i '\(pristine)' -c:v libx264 -crf 32 -g \(Self.length) -keyint_min "
                + "\(Self.length) -sc_threshold 0 '\(damaged)'")
        let (whole, parts) = (folder + "/whole.mp4", folder + "/parts.mp4")
        let enhance = "'\(mwgan)' enhance -q -y --encoder x264 --crf 20 '\(damaged)'"
        try shell("\(enhance) --segment off -o '\(whole)'")
        try shell("\(enhance) --segment \(Self.length / 25) -o '\(parts)'")

        let (a, b) = (try luma(of: whole, pristine), try luma(of: parts, pristine))
        guard a.count == b.count, a.count > Self.length + Self.near else {
            throw BenchmarkFailure(what: "\(a.count) and \(b.count) frames")
        }
        let joints = Array(stride(from: Self.length, to: a.count - 1, by: Self.length))
        let ratio = Double(try bytes(of: parts).count) / Double(try bytes(of: whole).count)
        print(
            "\n\(a.count) frames, 416x240, x264, parts of \(Self.length) frames\n"
                + "  size in parts: \(fixed(ratio, decimals: 3)) of that in one piece")
        var worst = 0.0
        for joint in joints {
            let range = max(0, joint - Self.near)..<min(a.count, joint + Self.near)
            let losses = range.map { a[$0] - b[$0] }
            let mean = losses.reduce(0, +) / Double(losses.count)
            worst = max(worst, mean)
            print(
                "  within \(Self.near) frames of frame \(joint): \(fixed(mean, decimals: 2)) dB of Y lost, "
                    + "\(fixed(losses.max()!, decimals: 2)) at most in a frame")
        }
        return [
            "1.03 of the size": 1.03, "size in parts": ratio, "0.3 dB": 0.3,
            "loss near joints": max(worst, 1e-3),
        ]
    }

    /// PSNR of the Y plane of each frame.
    private func luma(of video: String, _ pristine: String) throws -> [Double] {
        let path = video + ".psnr"
        try shell(
            "ffmpeg -v error -i '\(video)' -i '\(pristine)' -lavfi "
                + "'[0:v]settb=1/25,setpts=N[a];[1:v]settb=1/25,setpts=N[b];[a][b]psnr=stats_file=\(path)' -f null -"
        )
        return String(decoding: try bytes(of: path), as: UTF8.self).split(separator: "\n")
            .compactMap {
                line in
                line.split(separator: " ").first { $0.hasPrefix("psnr_y:") }.flatMap {
                    Double($0.dropFirst(7))
                }
            }
    }
}
