// Netflix's VMAF, where its program is installed.
import Glibc
import Media

/// The `vmaf` program, which compares clips.
public struct VMAF: Sendable {
    /// What is run: the name of a program on PATH, or a path.
    private let program: String

    /// Runs `program`.
    public init(program: String = "vmaf") { self.program = program }

    /// Whether the program can be run.
    public var isAvailable: Bool {
        program.contains("/")
            ? access(program, X_OK) == 0 : ExternalProgram.isAvailable(program)
    }

    /// Mean score of two yuv4mpeg files of 8, 10 or 12 bits: 100 is as good as equal. Nil where the
    /// program fails, or says nothing of one of the frames.
    public func callAsFunction(reference: String, test: String, frames: Int, threads: Int)
        -> Double?
    {
        let words = [
            program, "--reference", reference, "--distorted", test, "--threads",
            "\(max(threads, 1))", "--csv", "--output", "/dev/stdout",
        ]
        guard let text = ExternalProgram.output(of: words) else { return nil }
        // Whatever else the program says comes before the table.
        let rows = text.split(separator: "\n").drop { !$0.hasPrefix("Frame,") }.map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        guard let column = rows.first?.firstIndex(of: "vmaf") else { return nil }
        let scores = rows.dropFirst().compactMap { row in
            row.indices.contains(column) ? Double(row[column]) : nil
        }
        guard scores.count == frames, frames > 0 else { return nil }
        return scores.reduce(0, +) / Double(frames)
    }
}

/// The frames of two clips and their original in files that ``VMAF`` reads.
///
/// Belongs to one thread; the files go with it.
package final class VMAFMeter {
    private let vmaf: VMAF
    private let folder: ScratchFolder
    private var writers: [Y4MWriter] = []
    private var frames = 0

    /// A meter that asks `vmaf`.
    ///
    /// - Throws: `MediaError` where there is no place for files.
    package init(_ vmaf: VMAF) throws {
        self.vmaf = vmaf
        folder = try ScratchFolder()
    }

    /// Takes in a frame of each, all of one size and format.
    ///
    /// - Throws: What `Y4MWriter` throws.
    package func add(reference: Frame, before: Frame, after: Frame) throws {
        let all = [reference, before, after]
        if writers.isEmpty {
            writers = try all.enumerated().map { index, frame in
                try Y4MWriter(
                    path: path(index),
                    video: VideoDescription(frame: frame, frameRate: Rational(25, 1)))
            }
        }
        for (writer, frame) in zip(writers, all) { try writer.write(frame) }
        frames += 1
    }

    /// Scores of the clip before and after; nil where they could not be had.
    ///
    /// - Throws: What `Y4MWriter` throws.
    package func finish(threads: Int) throws -> (before: Double, after: Double)? {
        for writer in writers { try writer.finish() }
        guard frames > 0 else { return nil }
        let scores = (1...2).map { index in
            vmaf(reference: path(0), test: path(index), frames: frames, threads: threads)
        }
        guard let before = scores[0], let after = scores[1] else { return nil }
        return (before, after)
    }

    private func path(_ index: Int) -> String { "\(folder.path)/\(index).y4m" }
}
