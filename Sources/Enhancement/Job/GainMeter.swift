// How much nearer to the pristine original enhancement brought a video.
import Media
import Quality

/// Means of per-frame PSNR in decibels, for each of Y, U, V.
public struct MeanPSNR: Sendable {
    /// What equal frames count as: infinity has no mean.
    public static let ceiling = 100.0
    /// Frames measured.
    public private(set) var frameCount = 0
    private var sums: [Double] = []
    /// The last frame's, in decibels.
    private(set) var last: [Double] = []

    /// Nothing measured.
    public init() {}

    /// Means of Y, U, V (G, B, R; Y alone for gray); empty before the first frame.
    public var means: [Double] { sums.map { $0 / Double(frameCount) } }

    /// Measures the next frame, both brought to the larger of their depths.
    ///
    /// - Throws: ``MediaError/unsupported(path:what:advice:)`` where size or sampling differ.
    public mutating func add(
        reference: Frame, test: Frame, threads: Int = 0, path: String
    ) throws {
        guard reference.width == test.width, reference.height == test.height,
            reference.format.sampling == test.format.sampling
        else {
            func text(_ frame: Frame) -> String {
                "\(frame.width)x\(frame.height) \(frame.format.sampling.rawValue)"
            }
            throw MediaError.unsupported(
                path: path, what: "is \(text(reference)), the video \(text(test))",
                advice: "give the original in the same size and sampling")
        }
        let depth = max(reference.format.depth, test.format.depth)
        let count = reference.format.sampling == .gray ? 1 : 3
        if sums.isEmpty { sums = [Double](repeating: 0, count: count) }
        last = []
        for index in 0..<count {
            let error = PlaneError(
                reference: reference.planes[index].scaled(from: reference.format.depth, to: depth),
                test: test.planes[index].scaled(from: test.format.depth, to: depth), depth: depth,
                threads: threads)
            last.append(min(error.psnr, MeanPSNR.ceiling))
            sums[index] += last[index]
        }
        frameCount += 1
    }
}

extension Plane {
    /// The same samples with more bits: code values times a power of two.
    func scaled(from depth: Int, to larger: Int) -> Plane {
        guard larger > depth else { return self }
        let result = Plane(width: width, height: height, bytesPerSample: larger > 8 ? 2 : 1)
        withUnsafeBytes { source in
            result.withUnsafeMutableBytes { target in
                for y in 0..<height {
                    let from = source + y * bytesPerRow
                    let to = (target + y * result.bytesPerRow).assumingMemoryBound(to: UInt16.self)
                    if bytesPerSample == 1 {
                        let samples = from.assumingMemoryBound(to: UInt8.self)
                        for x in 0..<width { to[x] = UInt16(samples[x]) << (larger - depth) }
                    } else {
                        let samples = from.assumingMemoryBound(to: UInt16.self)
                        for x in 0..<width { to[x] = samples[x] << (larger - depth) }
                    }
                }
            }
        }
        return result
    }
}

/// Measures input, frames handed to the encoder, and delivered file against the original.
public final class GainMeter {
    /// Mean PSNR of the compressed input, of the enhanced frames, and of the delivered file.
    public private(set) var input = MeanPSNR(), enhanced = MeanPSNR(), delivered = MeanPSNR()
    private let path: String
    private let open: () throws -> any FrameSource
    private let reference: any FrameSource
    private let threads: Int

    /// A meter over the part of `path` that the job works on; frames are paired by order.
    ///
    /// - Throws: ``MediaError`` of the reference.
    public init(reference path: String, start: Double?, end: Double?, threads: Int) throws {
        self.path = path
        self.threads = threads
        open = {
            let source = try openSource(path: path)
            if let reader = source as? VideoReader, start != nil || end != nil {
                try reader.read(from: start ?? 0, to: end)
            }
            return source
        }
        reference = try open()
    }

    /// Measures the next frame and what was made of it; nothing where the reference has ended.
    ///
    /// - Returns: the reference's frame.
    @discardableResult
    public func add(original: Frame, enhanced frame: Frame) throws -> Frame? {
        guard let pristine = try reference.next() else { return nil }
        try input.add(reference: pristine, test: original, threads: threads, path: path)
        try enhanced.add(reference: pristine, test: frame, threads: threads, path: path)
        return pristine
    }

    /// Reads the finished file back and measures it.
    ///
    /// - Parameter turning: how the samples were turned on their way into the file; nil: not at all.
    public func measureDelivered(
        _ output: String, turning: (rotation: Int, isMirrored: Bool)? = nil
    ) throws {
        let pristine = try open()
        let result = try openSource(path: output)
        while var a = try pristine.next(), let b = try result.next() {
            if let turning {
                (a.rotation, a.isMirrored) = turning
                a = a.turnedUpright()
            }
            try delivered.add(reference: a, test: b, threads: threads, path: path)
        }
    }

    /// Gain in decibels of Y, U, V: of the enhanced frames, or of the delivered file.
    public func gain(of result: MeanPSNR) -> [Double] {
        zip(result.means, input.means).map { $0 - $1 }
    }
}
