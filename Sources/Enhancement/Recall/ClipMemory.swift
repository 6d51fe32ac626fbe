// Key frames of a clip, kept so that what they show can be recalled where it comes back.
import Media
import Motion
import Quality
import Tensors

/// Key frames of one clip, past and coming: what an enhancer recalls, wherever in the clip it begins to read.
///
/// Key frames are the best coded sightings of what a clip shows, each group of pictures has one, and they are found without
/// decoding the others. Of long clips those are dropped that are most like the one before.
public final class ClipMemory: Sendable {
    /// A frame that is kept.
    struct Sighting: Sendable {
        let timestamp: Int64
        let luma: Plane
        let depth: Int
        let pyramid: MotionPyramid
        let quantisers: QuantiserMap?
        /// Mean luma of `columns` x `rows` parts of the picture.
        let thumbnail: [Float]

        /// Bytes of luma and pyramid.
        var byteCount: Int {
            luma.width * luma.height * luma.bytesPerSample + pyramid.byteCount
        }

        /// How it was damaged.
        func damage(threads: Int) -> DamageMap {
            DamageMap(
                width: luma.width, height: luma.height, quantisers: quantisers,
                blindSteps: DamageEstimator()(luma: luma, depth: depth, threads: threads))
        }

        /// The sum of differences of two thumbnails, in 8-bit code values.
        func distance(to other: [Float]) -> Float {
            thumbnail.withUnsafeBufferPointer { a in
                other.withUnsafeBufferPointer { b in
                    (0..<min(a.count, b.count)).reduce(0) { $0 + abs(a[$1] - b[$1]) }
                }
            }
        }
    }

    /// Parts of a thumbnail.
    static let columns = 24, rows = 16
    /// Bytes that luma and pyramids may take, and frames at most.
    static let largestSize = 192 << 20, mostFrames = 256
    /// Bytes that luma and pyramids of a group's frames may take, and how many of its first frames are read.
    static let largestGroup = 64 << 20, longestGroup = 300
    /// Key frames that are nearer to one another than so many frames make no clip of groups.
    static let shortestGroup = 8.0

    /// Size of the luma.
    let width: Int, height: Int
    /// Those that are kept, in order of time; two or more.
    let kept: [Sighting]
    /// Times of all key frames of the clip, in order.
    let timestamps: [Int64]
    /// Where groups are read from, and the time that `shortestGroup` frames last there; nil: of key frames alone.
    private let file: (path: String, options: ReadOptions, shortest: Int64)?

    /// Reads the key frames of a video file.
    ///
    /// - Parameter options: As the video is read; what they say of key frames and of damage does not matter.
    /// - Returns: nil where there is nothing to recall: of a clip of one group, or of key frames alone.
    /// - Throws: `MediaError`.
    public convenience init?(
        path: String, options: ReadOptions = ReadOptions(), threads: Int = 0,
        shouldStop: () -> Bool = { false }
    ) throws {
        var options = options
        (options.onlyKeyFrames, options.isStrict, options.isLenient) = (true, false, true)
        options.losses = .none
        let reader = try VideoReader(path: path, options: options)
        let rate = reader.frameRate.value, unit = reader.timeBase.value
        var collection = Collection(width: reader.width, height: reader.height)
        while !shouldStop(), let frame = try reader.next() {
            guard frame.isKey, (frame.width, frame.height) == (reader.width, reader.height) else {
                continue
            }
            collection.append(frame, threads: threads)
            let times = collection.timestamps
            guard times.count == 16, rate > 0 else { continue }
            let seconds = Double(times[15] - times[0]) * unit
            if seconds * rate < 15 * Self.shortestGroup { return nil }
        }
        options.onlyKeyFrames = false
        let shortest = rate > 0 ? Self.shortestGroup / (rate * unit) : 0
        self.init(collection, file: (path, options, Int64(shortest.rounded())))
    }

    /// The key frames among some frames of equal size; nil of fewer than two.
    convenience init?(_ frames: [Frame], largestSize: Int = largestSize) {
        guard let first = frames.first else { return nil }
        var collection = Collection(
            width: first.width, height: first.height, largestSize: largestSize)
        for frame in frames where frame.isKey { collection.append(frame, threads: 0) }
        self.init(collection)
    }

    private init?(
        _ collection: Collection, file: (path: String, options: ReadOptions, shortest: Int64)? = nil
    ) {
        guard collection.kept.count > 1 else { return nil }
        (width, height) = (collection.width, collection.height)
        kept = collection.kept
        timestamps = collection.timestamps
        self.file = file
    }

    /// Opens the file for ``frames(of:from:threads:)``; nil where there is none.
    ///
    /// - Throws: `MediaError`.
    func reader() throws -> VideoReader? {
        try file.map { try VideoReader(path: $0.path, options: $0.options) }
    }

    /// The frames of a kept key frame's group: that frame first, and those of the others that are least alike.
    ///
    /// - Throws: `MediaError`.
    func frames(of position: Int, from reader: VideoReader, threads: Int) throws -> [Sighting] {
        let key = kept[position]
        let next = group(of: key.timestamp)! + 1
        let end = next < timestamps.count ? timestamps[next] : .max
        try reader.read(from: reader.seconds(key.timestamp))
        var collection = Collection(
            width: width, height: height, largestSize: Self.largestGroup,
            mostFrames: Self.longestGroup)
        while collection.timestamps.count < Self.longestGroup, let frame = try reader.next(),
            frame.timestamp < end, (frame.width, frame.height) == (width, height)
        {
            collection.append(frame, threads: threads)
        }
        return [key] + collection.kept.dropFirst()
    }

    /// Whether two times are so near that what they show is in a frame's neighbours, or coded like it.
    func areNeighbours(_ one: Int64, _ other: Int64) -> Bool {
        abs(one - other) < (file?.shortest ?? 0)
    }

    /// The number of the group that a time lies in; nil before the first key frame.
    func group(of timestamp: Int64) -> Int? {
        var (low, high) = (0, timestamps.count)
        while low < high {
            let middle = (low + high) / 2
            if timestamps[middle] <= timestamp { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }

    /// `[kept, columns * rows]`.
    var thumbnails: Tensor<Float> {
        Tensor(kept.flatMap(\.thumbnail), shape: [kept.count, Self.columns * Self.rows])
    }

    /// Key frames as they come, no more than fit.
    private struct Collection {
        let width: Int, height: Int
        private(set) var kept: [Sighting] = []
        private(set) var timestamps: [Int64] = []
        private let largestSize: Int, mostFrames: Int

        init(
            width: Int, height: Int, largestSize: Int = ClipMemory.largestSize,
            mostFrames: Int = ClipMemory.mostFrames
        ) {
            (self.width, self.height) = (width, height)
            (self.largestSize, self.mostFrames) = (largestSize, mostFrames)
        }

        mutating func append(_ frame: Frame, threads: Int) {
            // Times that run back belong to no order.
            if let last = timestamps.last, frame.timestamp <= last { return }
            timestamps.append(frame.timestamp)
            let planes = NativeColour.ycbcr(of: frame)
            let pyramid = MotionPyramid(
                luma: planes.planes[0], depth: planes.depth, threads: threads)
            kept.append(
                Sighting(
                    timestamp: frame.timestamp, luma: planes.planes[0], depth: planes.depth,
                    pyramid: pyramid,
                    quantisers: frame.quantisers,
                    thumbnail: pyramid.thumbnail(
                        columns: ClipMemory.columns, rows: ClipMemory.rows)))
            let most = min(mostFrames, max(2, largestSize / kept[kept.count - 1].byteCount))
            if kept.count > most { kept.remove(at: mostRedundant) }
        }

        /// The position of the frame that is most like the one before it.
        private var mostRedundant: Int {
            kept.indices.dropFirst().min { distance(at: $0) < distance(at: $1) }!
        }

        private func distance(at index: Int) -> Float {
            kept[index].distance(to: kept[index - 1].thumbnail)
        }
    }
}
