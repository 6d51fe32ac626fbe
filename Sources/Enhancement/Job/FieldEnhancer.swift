// Interlaced video: each parity's fields are a sequence of pictures of their own.
import Compute
import Media

/// Enhances the two fields of each frame as pictures, with motion between fields of one parity.
///
/// Rows of a field are two rows of the frame apart; quantisers of the frame's macroblocks say
/// nothing certain of one field, so the blind look at the damage stands in.
public final class FieldEnhancer: FrameStage {
    private let fields: [any FrameStage]
    private var finished: [[Frame]] = [[], []]
    private var waiting: [Frame] = []

    /// An enhancer for frames of the given luma size.
    ///
    /// - Throws: `PlanError` where the network cannot be compiled.
    public init(
        _ model: any RestorationModel, width: Int, height: Int,
        options: EnhancementOptions = EnhancementOptions()
    ) throws {
        fields = try (0..<2).map { parity in
            try model.stage(
                width: width, height: (height + 1 - parity) / 2, options: options)
        }
    }

    public var times: EnhancementTimes {
        var sum = EnhancementTimes()
        for field in fields {
            sum.motion += field.times.motion
            sum.packets += field.times.packets
            sum.network += field.times.network
        }
        return sum
    }

    public var repeatedCount: Int { fields.map(\.repeatedCount).min() ?? 0 }

    public func push(_ frame: Frame) throws -> [Frame] {
        waiting.append(frame)
        for parity in 0..<2 { finished[parity] += try fields[parity].push(frame.field(parity)) }
        return weave()
    }

    public func flush() throws -> [Frame] {
        for parity in 0..<2 { finished[parity] += try fields[parity].flush() }
        return weave()
    }

    private func weave() -> [Frame] {
        let count = min(finished[0].count, finished[1].count)
        let result = (0..<count).map { index in
            Frame(weaving: finished[0][index], finished[1][index], like: waiting[index])
        }
        for parity in 0..<2 { finished[parity].removeFirst(count) }
        waiting.removeFirst(count)
        return result
    }
}

extension Frame {
    /// Every second row of each plane, from row `parity` on: 0 is the top field.
    package func field(_ parity: Int) -> Frame {
        let fieldHeight = (height + 1 - parity) / 2
        let fieldPlanes = planes.enumerated().map { index, plane in
            // The size that a picture of the field's height has; a missing last row is repeated.
            let size = format.planeSize(index, width: width, height: fieldHeight)
            let result = Plane(
                width: size.width, height: size.height, bytesPerSample: plane.bytesPerSample)
            for y in 0..<size.height {
                result.copyRow(y, from: plane, row: min(2 * y + parity, plane.height - 1))
            }
            return result
        }
        var result = Frame(width: width, height: fieldHeight, format: format, planes: fieldPlanes)
        result.timestamp = timestamp
        result.timeBase = timeBase
        result.colour = colour
        result.pictureType = pictureType
        result.isKey = isKey
        result.isContext = isContext
        return result
    }

    /// Top and bottom field as one frame with the time and the tags of another.
    package init(weaving top: Frame, _ bottom: Frame, like frame: Frame) {
        let planes = frame.planes.indices.map { index in
            let size = frame.format.planeSize(index, width: frame.width, height: frame.height)
            let result = Plane(
                width: size.width, height: size.height,
                bytesPerSample: top.planes[index].bytesPerSample)
            for y in 0..<size.height {
                let field = (y % 2 == 0 ? top : bottom).planes[index]
                result.copyRow(y, from: field, row: min(y / 2, field.height - 1))
            }
            return result
        }
        self = Frame(width: frame.width, height: frame.height, format: top.format, planes: planes)
            .atTime(of: frame)
    }
}

extension Plane {
    /// Copies one row of another plane of the same width and sample size.
    func copyRow(_ y: Int, from other: Plane, row: Int) {
        other.withUnsafeBytes { source in
            withUnsafeMutableBytes { target in
                (target + y * bytesPerRow).copyMemory(
                    from: source + row * other.bytesPerRow, byteCount: width * bytesPerSample)
            }
        }
    }
}
