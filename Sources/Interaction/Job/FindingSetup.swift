// From names of weights to what looks at pictures.
import Media
import Networks
import Terminal

/// Which weights find things and tell verbs, and what is worth saying.
public struct FindingSetup: Sendable {
    /// Weights that find things, and weights that tell verbs: paths.
    public var detector: String, head: String
    /// Side of the square that the detector sees, a multiple of 32.
    public var side = 416
    /// What is looked for.
    public var rules = FindingRules()
    /// Threads to compute with.
    public var threads = 1

    /// The usual side and rules.
    public init(detector: String, head: String) { (self.detector, self.head) = (detector, head) }

    /// Reads the weights.
    ///
    /// - Parameter further: Who tells more by how people look.
    /// - Returns: Both, and whether the head knows how things look but learned it from another detector, so that it goes by
    ///   boxes alone.
    /// - Throws: `SafetensorsError`, `PlanError`, ``OtherCategories``.
    public func load(
        telling further: (any FurtherFindings)? = nil
    ) throws -> (source: BoxSource, finder: InteractionFinder, isBlind: Bool) {
        try load(BranchedModel(contentsOf: head), telling: further)
    }

    /// Reads the detector's weights for a head that is read.
    ///
    /// - Throws: As ``load(telling:)``.
    public func load(
        _ branches: BranchedModel, telling further: (any FurtherFindings)?
    ) throws -> (source: BoxSource, finder: InteractionFinder, isBlind: Bool) {
        let (source, isBlind) = try load(for: branches, others: further?.cells)
        let finder = try InteractionFinder(
            branches, rules: rules, threads: threads, looks: !isBlind, further: further)
        return (source, finder, isBlind)
    }

    /// Reads the detector's weights for a head.
    ///
    /// - Parameter cells: Cells along each side of a box that somebody besides the head looks at; nil for nobody.
    /// - Throws: As ``load(telling:)``.
    public func load(
        for branches: BranchedModel?, others cells: Int? = nil
    ) throws -> (source: BoxSource, isBlind: Bool) {
        // All branches learned from one detector, in equal grids of cells.
        let looks = try branches?.looking.first.flatMap { branch in
            try PhotographPairs.source(files: [detector]) == branch.detector ? branch : nil
        }
        let eye = try Detector(
            contentsOf: detector, side: side, threads: threads,
            keepsPyramid: looks != nil || cells != nil)
        guard eye.network.classCount == COCO.categories.count else {
            throw OtherCategories(path: detector, count: eye.network.classCount)
        }
        let reader = try (looks?.model.head.regions?.cells ?? cells).map {
            try RegionReader(of: eye, cells: $0)
        }
        return (.detector(eye, reader), !(branches?.looking ?? []).isEmpty && looks == nil)
    }
}

/// A detector that knows other kinds of things than COCO's.
public struct OtherCategories: ExitCodeProviding {
    /// Its weights, and how many kinds it knows.
    public let path: String, count: Int

    /// 65.
    public var exitCode: Int32 { ExitCode.badData.rawValue }
    /// One line.
    public var description: String {
        "\(path): finds \(count) kinds of things; verbs are told of COCO's 80"
    }
}
