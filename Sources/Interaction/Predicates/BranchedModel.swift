// The predicate head with both of its branches, as a file.
import Networks
import Tensors

/// A geometry branch, and perhaps an appearance branch that knows some of its verbs better.
public struct BranchedModel: Sendable {
    /// What is told by boxes.
    public let geometry: PredicateModel
    /// What is told by looks, where the detector is the one that it learned from.
    public let appearance: Appearance?

    /// The branch that looks.
    public struct Appearance: Sendable {
        /// The head.
        public let model: PredicateModel
        /// How it is weighed against geometry.
        public let fusion: BranchFusion
        /// The digest of the detector's file whose features it reads.
        public let detector: String

        /// A branch.
        public init(_ model: PredicateModel, fusion: BranchFusion, detector: String) {
            precondition(model.head.regions != nil, "a branch that does not look")
            (self.model, self.fusion, self.detector) = (model, fusion, detector)
        }
    }

    /// A model.
    public init(_ geometry: PredicateModel, appearance: Appearance? = nil) {
        (self.geometry, self.appearance) = (geometry, appearance)
    }

    private static let fusionKey = "percept.fusion"
    /// Which detector's features a head reads.
    public static let detectorKey = "percept.detector"

    /// Whether a file has both branches.
    static func hasAppearance(_ file: Safetensors) -> Bool { file.metadata[fusionKey] != nil }

    /// Reads a head of one branch or of both.
    ///
    /// - Throws: `SafetensorsError`, which names what is missing or does not fit.
    public init(contentsOf path: String) throws(SafetensorsError) {
        let file = try Safetensors(contentsOf: path)
        guard Self.hasAppearance(file) else {
            try self.init(PredicateModel(reading: file))
            return
        }
        func entry<T>(
            _ key: String, _ expected: String, _ parse: (String) -> T?
        ) throws(SafetensorsError) -> T {
            guard let text = file.metadata[key], let value = parse(text) else {
                throw file.error(
                    .metadata(key: key, expected: expected, found: file.metadata[key]))
            }
            return value
        }
        let fusion = try entry(Self.fusionKey, "three numbers") { text -> BranchFusion? in
            let numbers = text.split(separator: " ").compactMap { Double($0) }
            guard numbers.count == 3, numbers.allSatisfy(\.isFinite) else { return nil }
            return BranchFusion(
                geometry: numbers[0], appearance: numbers[1], offset: numbers[2])
        }
        let detector = try entry(Self.detectorKey, "a digest") { $0.isEmpty ? nil : $0 }
        let looks = try PredicateModel(
            reading: file, prefix: PredicateModel.appearancePrefix, ignoring: "geometry.")
        guard looks.head.regions != nil else {
            throw file.error(
                .metadata(
                    key: PredicateModel.appearancePrefix + "regions",
                    expected: "channels, cells and parts", found: nil))
        }
        try self.init(
            PredicateModel(reading: file, ignoring: "appearance."),
            appearance: Appearance(looks, fusion: fusion, detector: detector))
    }

    /// Writes the model, all or nothing.
    ///
    /// - Throws: `FileWriteError`.
    public func write(to path: String) throws(FileWriteError) {
        guard let appearance else { return try geometry.write(to: path) }
        var metadata = geometry.metadata.merging(geometry.entries()) { $1 }
        metadata.merge(
            appearance.model.entries(prefix: PredicateModel.appearancePrefix)
        ) { $1 }
        let fusion = appearance.fusion
        metadata[Self.fusionKey] = "\(fusion.geometry) \(fusion.appearance) \(fusion.offset)"
        metadata[Self.detectorKey] = appearance.detector
        let all =
            geometry.parameters.map { ($0.path, $0.tensor) }
            + appearance.model.parameters.map { ($0.path, $0.tensor) }
        try Parameters(all.map { (path: $0.0, tensor: $0.1) }).write(to: path, metadata: metadata)
    }
}
