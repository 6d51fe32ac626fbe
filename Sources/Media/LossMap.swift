// Which parts of a picture were never decoded, and which hang on such parts of other pictures.

/// What was lost of one picture, on a grid of cells of 8x8 luma samples.
public struct LossMap: Sendable, Equatable {
    /// Side of a cell in luma samples.
    public static let cell = 8
    /// Cells in a row, and rows.
    public let columns: Int, rows: Int
    /// Whether a cell was never decoded, or only to what torn data made of it, row by row.
    public var isLost: [Bool]
    /// How much of a cell comes from cells that were never decoded, here or in pictures that it was predicted from:
    /// 0 for nothing to 1 for everything.
    public var share: [Float]

    /// A map of nothing lost, for luma of the given size.
    public init(width: Int, height: Int) {
        columns = (width + LossMap.cell - 1) / LossMap.cell
        rows = (height + LossMap.cell - 1) / LossMap.cell
        isLost = Array(repeating: false, count: columns * rows)
        share = Array(repeating: 0, count: columns * rows)
    }

    /// Takes over which cells were never decoded from the map of a buffer, which may be larger.
    mutating func take(_ other: LossMap) {
        for row in 0..<min(rows, other.rows) {
            for column in 0..<min(columns, other.columns)
            where other.isLost[row * other.columns + column] {
                isLost[row * columns + column] = true
                share[row * columns + column] = 1
            }
        }
    }

    /// Cells that were never decoded, and cells that anything lost has a share in.
    public var lostCount: Int { isLost.reduce(0) { $0 + ($1 ? 1 : 0) } }
    public var touchedCount: Int { share.reduce(0) { $0 + ($1 > 0 ? 1 : 0) } }
}

/// Fills what was never decoded of a picture that others will be predicted from.
public protocol LossRepair: AnyObject {
    /// Writes samples into the lost cells of `picture`, whose planes may be written to.
    ///
    /// - Parameters:
    ///   - lost: `isLost` says where.
    ///   - others: Pictures decoded before it, with what was repaired of them; the nearest in time first.
    ///   - concealed: The same picture as the decoder itself conceals it, from what was repaired of others; nil where it
    ///     does not.
    func repair(_ picture: Frame, lost: LossMap, others: [Frame], concealed: Frame?)
}

/// What is done about parts of a video that were never decoded.
public enum LossHandling: Sendable {
    /// The decoder conceals them, and nothing more is known.
    case none
    /// The decoder conceals them; ``Frame/loss`` says where.
    case report
    /// They are repaired before other pictures are predicted from them; ``Frame/loss`` says where.
    case repair(@Sendable () -> any LossRepair)
    /// They stay as the decoder's buffers were; ``Frame/loss`` says where. For measurements.
    case expose
}
