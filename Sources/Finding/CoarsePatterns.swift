// Coarse forms of remembered pictures as bytes, and those that a piece is least unlike.
import CKernels

/// The coarse forms of pictures, a byte for each number: where pieces may lie is looked for in these.
///
/// A byte is 128 more than eight times the root of a number's magnitude, with the number's sign: weak contrasts count beside
/// strong ones, and magnitudes to 252 fit. How unlike two rows are is the sum of differences by the sum of magnitudes of
/// both, over what of them is known.
struct CoarsePatterns {
    /// Numbers of a row.
    static let width = PicturePattern.coarseWidth

    /// Two pieces of the same size and place, and where they are known.
    struct Query: Sendable {
        /// 255 where a byte is known, else 0.
        let mask: [UInt8]
        /// Two rows.
        let rows: [[UInt8]]
    }

    /// A picture that was found: its position among all.
    struct Match: Hashable {
        let position: Int, distance: Float
    }

    private let bytes: [UInt8]
    private let positions: [Int]

    /// - Parameters:
    ///   - numbers: Rows of ``width`` numbers, one after the other.
    ///   - isWanted: Whether a picture may be found.
    init(_ numbers: [Float], where isWanted: (Int) -> Bool) {
        let width = Self.width
        positions = (0..<numbers.count / width).filter(isWanted)
        var bytes = [UInt8](repeating: 0, count: positions.count * width)
        for (row, position) in positions.enumerated() {
            for column in 0..<width {
                bytes[row * width + column] = Self.byte(numbers[position * width + column])
            }
        }
        self.bytes = bytes
    }

    /// What stands for a number.
    static func byte(_ number: Float) -> UInt8 {
        let root = 8 * abs(number).squareRoot()
        return UInt8(128 + (number < 0 ? -1 : 1) * Int(min(root, 127).rounded()))
    }

    /// The pictures that each row of each query is least unlike, the least first.
    func nearest(to queries: [Query], count: Int, threads: Int) -> [[Match]] {
        let rows = 2 * queries.count
        var distances = [Float](repeating: 0, count: rows * count)
        var found = [Int32](repeating: 0, count: rows * count)
        percept_nearest_pieces(
            bytes, positions.count, queries.flatMap(\.mask),
            queries.flatMap { $0.rows.flatMap { $0 } },
            queries.count, Int32(count), &distances, &found, Int32(threads))
        return (0..<rows).map { row in
            (row * count..<(row + 1) * count).compactMap { index in
                guard found[index] >= 0 else { return nil }
                return Match(position: positions[Int(found[index])], distance: distances[index])
            }
        }
    }
}
