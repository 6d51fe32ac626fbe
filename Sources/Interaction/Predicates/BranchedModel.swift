// The predicate head with all of its branches, as a file.
import Networks
import Tensors

/// A geometry branch, perhaps an appearance branch that knows some of its verbs better, and perhaps one that knows what
/// people do with things that are not seen.
public struct BranchedModel: Sendable {
    /// What is told by boxes.
    public let geometry: PredicateModel
    /// What is told by looks, where the detector is the one that it learned from.
    public let appearance: Appearance?
    /// What people do by their own looks and the picture's, likewise; geometry counts for nothing in its fusion.
    public let people: Appearance?

    /// A branch that looks.
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
    public init(
        _ geometry: PredicateModel, appearance: Appearance? = nil, people: Appearance? = nil
    ) {
        precondition(
            appearance?.model.head.subject != .people && people?.model.head.subject != .pairs,
            "a branch in another's place")
        (self.geometry, self.appearance, self.people) = (geometry, appearance, people)
    }

    /// The branches that look.
    public var looking: [Appearance] { [appearance, people].compactMap { $0 } }

    private static let fusionKey = "percept.fusion", peopleFusionKey = "percept.people.fusion"
    /// Which detector's features a head reads.
    public static let detectorKey = "percept.detector"

    /// What the names of tensors begin with that are not of the geometry branch.
    static func others(in file: Safetensors) -> [String] {
        (file.metadata[fusionKey] != nil ? ["appearance."] : [])
            + (file.metadata[peopleFusionKey] != nil ? ["people."] : [])
    }

    /// Reads a head of one branch or of more.
    ///
    /// - Throws: `SafetensorsError`, which names what is missing or does not fit.
    public init(contentsOf path: String) throws(SafetensorsError) {
        let file = try Safetensors(contentsOf: path)
        let others = Self.others(in: file)
        guard !others.isEmpty else {
            try self.init(PredicateModel(reading: file))
            return
        }
        let detector = try file.value(Self.detectorKey, "a digest") { $0.isEmpty ? nil : $0 }
        func branch(
            _ key: String, _ prefix: String, _ subject: PredicateSubject, besides: [String]
        ) throws(SafetensorsError) -> Appearance? {
            guard file.metadata[key] != nil else { return nil }
            let fusion = try file.value(key, "three numbers") { BranchFusion($0) }
            let model = try PredicateModel(reading: file, prefix: prefix, ignoring: besides)
            guard model.head.regions != nil, model.head.subject == subject else {
                throw file.error(
                    .metadata(
                        key: prefix + "regions",
                        expected: "channels, cells and parts, told of \(subject.rawValue)",
                        found: file.metadata[prefix + "regions"]))
            }
            return Appearance(model, fusion: fusion, detector: detector)
        }
        let appearance = try branch(
            Self.fusionKey, PredicateModel.appearancePrefix, .pairs,
            besides: ["geometry.", "people."])
        let people = try branch(
            Self.peopleFusionKey, PredicateModel.peoplePrefix, .people,
            besides: ["geometry.", "appearance."])
        // One reader serves both.
        if let own = people?.model.head.regions, let other = appearance?.model.head.regions,
            (own.channels, own.cells) != (other.channels, other.cells)
        {
            throw file.error(
                .metadata(
                    key: PredicateModel.peoplePrefix + "regions",
                    expected: "\(other.channels) channels in \(other.cells) cells",
                    found: own.description))
        }
        try self.init(
            PredicateModel(reading: file, ignoring: others), appearance: appearance,
            people: people)
    }

    /// Writes the model, all or nothing.
    ///
    /// - Throws: `FileWriteError`.
    public func write(to path: String) throws(FileWriteError) {
        var metadata = geometry.metadata.merging(geometry.entries()) { $1 }
        var all = geometry.parameters.map { (path: $0.path, tensor: $0.tensor) }
        let branches = [
            (appearance, Self.fusionKey, PredicateModel.appearancePrefix),
            (people, Self.peopleFusionKey, PredicateModel.peoplePrefix),
        ]
        for case (let branch?, let key, let prefix) in branches {
            metadata.merge(branch.model.entries(prefix: prefix)) { $1 }
            metadata[key] = branch.fusion.description
            metadata[Self.detectorKey] = branch.detector
            all += branch.model.parameters.map { (path: $0.path, tensor: $0.tensor) }
        }
        try Parameters(all).write(to: path, metadata: metadata)
    }
}
