// Pairs into files of tiles, once: what `mwgan train` does first.
import Enhancement
import Glibc
import Tensors
import Terminal

struct PackingRun {
    private let folder: String, packed: String
    private let packer: PairPacker
    private let arguments: Arguments
    private let log: Log

    /// Packs into a folder inside `folder` that is named after the kind of tiles.
    init(folder: String, packer: PairPacker, arguments: Arguments, log: Log) {
        var packer = packer
        var packed = folder + "/packed"
        if packer.tileSize > 48 {
            // Large tiles of a frame overlap: fewer of them, from fewer frames, hold as much.
            (packer.frameStep, packer.tilesPerFrame) = (6, 3)
            packed += "-\(packer.tileSize)"
        }
        let around = packer.surroundings
        if around.frames > 3 { packed += "-\(around.frames)-frames" }
        if around.choice != .nearest { packed += "-\(around.choice.rawValue)" }
        switch around.alignment {
        case .pixels: break
        case .features: packed += "-features"
        case .none: packed += "-unaligned"
        }
        self.folder = folder
        self.packed = packed
        self.packer = packer
        self.arguments = arguments
        self.log = log
    }

    /// At most 24 of `pairs`, from all over the list.
    static func few(_ pairs: [ListedPair]) -> [ListedPair] {
        let count = min(24, pairs.count)
        return (0..<count).map { pairs[$0 * pairs.count / count] }
    }

    /// Packs the pairs that are not packed yet; those that do not fit are reported and left out.
    ///
    /// - Parameter often: how often the pairs of a kind of content are to be drawn from.
    /// - Returns: files of tiles, as often as each is to be drawn from.
    func pack(_ pairs: [ListedPair], often: [String: Int] = [:]) throws -> [String] {
        mkdir(packed, 0o777)
        let display = CommonOptions.progress("pack", total: pairs.count, unit: "pairs", arguments)
        defer { display.finish() }
        var paths: [String] = []
        for (index, listed) in pairs.enumerated() where !Signals.isStopRequested {
            let path = "\(packed)/\(listed.pair.name).tiles"
            if access(path, F_OK) != 0 {
                var random = RandomSource(
                    seed: listed.pair.name.utf8.reduce(5381) { $0 &* 33 &+ UInt64($1) })
                do {
                    try packer.pack(listed.pair, to: path, using: &random)
                } catch {
                    log.warning("left out: \(error)")
                    continue
                }
            }
            let count = listed.content.flatMap { often[$0] } ?? 1
            paths += [String](repeating: path, count: count)
            display.update(done: index + 1)
        }
        return paths
    }
}
