// What is done to pictures before a memory is asked for them, and what is left of them.
import Tensors

/// Pictures that were damaged, and which entries are still what they were.
struct DamagedPictures {
    /// `[N, d]`.
    var pictures: Tensor<Float>
    /// `[1, d]` or `[N, d]`: 1 where an entry is as it was, else 0; nil where noise is everywhere.
    var known: Tensor<Float>?
}

/// A kind of damage.
enum PictureDamage: Sendable, Hashable {
    /// The lower part of each picture is 0.
    case lowerPart(Double)
    /// A part of the pixels is 0, others in each picture, in all channels alike.
    case pixels(Double)
    /// Noise of this standard deviation; of what falls below 0 the magnitude, of what passes 1 that.
    case noise(Double)
    /// The lower part is 0, and what is left has noise.
    case lowerPartAndNoise(Double, Double)

    /// In a few words.
    var name: String {
        switch self {
        case .lowerPart(let part): "lower \(Int((100 * part).rounded())) %"
        case .pixels(let part): "\(Int((100 * part).rounded())) % of pixels"
        case .noise(let deviation): "noise \(deviation)"
        case .lowerPartAndNoise(let part, let deviation):
            "lower \(Int((100 * part).rounded())) % + noise \(deviation)"
        }
    }

    /// Damages pictures `[N, d]` of so many rows and channels.
    func applied(
        to pictures: Tensor<Float>, height: Int, channels: Int, using random: inout RandomSource
    ) -> DamagedPictures {
        let (count, width) = (pictures.shape[0], pictures.shape[1])
        let plane = width / channels
        switch self {
        case .noise(let deviation):
            return DamagedPictures(pictures: pictures.noised(deviation, using: &random))
        case .lowerPart(let part):
            let missing = Int((part * Double(height)).rounded())
            let row = plane / height
            let known = Tensor<Float>(
                (0..<width).map { $0 % plane / row < height - missing ? 1 : 0 },
                shape: [1, width])
            return DamagedPictures(pictures: pictures.zeroed(where: known), known: known)
        case .pixels(let part):
            let missing = Int((part * Double(plane)).rounded())
            var known = Tensor<Float>(repeating: 1, shape: [count, width])
            known.withUnsafeMutableBufferPointer { known in
                for row in 0..<count {
                    for pixel in (0..<plane).shuffled(using: &random).prefix(missing) {
                        for channel in 0..<channels {
                            known[row * width + channel * plane + pixel] = 0
                        }
                    }
                }
            }
            return DamagedPictures(pictures: pictures.zeroed(where: known), known: known)
        case .lowerPartAndNoise(let part, let deviation):
            let noisy = pictures.noised(deviation, using: &random)
            return Self.lowerPart(part).applied(
                to: noisy, height: height, channels: channels, using: &random)
        }
    }
}

extension Tensor where Scalar == Float {
    /// With noise on each entry, and back between 0 and 1.
    func noised(_ deviation: Double, using random: inout RandomSource) -> Tensor {
        Tensor(shape: shape) { to in
            withUnsafeBufferPointer { x in
                for index in to.indices {
                    to[index] = Swift.min(abs(x[index] + Float(deviation * random.normal())), 1)
                }
            }
        }
    }

    /// 0 where a mask is; `[1, d]` for all rows.
    func zeroed(where known: Tensor) -> Tensor {
        Tensor(shape: shape) { to in
            withUnsafeBufferPointer { x in
                known.withUnsafeBufferPointer { known in
                    for index in to.indices {
                        to[index] = known[index % known.count] != 0 ? x[index] : 0
                    }
                }
            }
        }
    }

    /// The squared error of each row, summed.
    func squaredErrors(to other: Tensor) -> [Double] {
        precondition(shape == other.shape, "\(shape) and \(other.shape)")
        let width = shape[1]
        return withUnsafeBufferPointer { a in
            other.withUnsafeBufferPointer { b in
                (0..<shape[0]).map { row in
                    var sum = 0.0
                    for index in row * width..<(row + 1) * width {
                        let difference = Double(a[index]) - Double(b[index])
                        sum += difference * difference
                    }
                    return sum
                }
            }
        }
    }
}
