// Pairs of photographs as a file, so that they are looked at once.
import Networks
import Tensors

/// The annotated pairs of photographs, and the same turned around.
public struct PhotographPairs: Sendable {
    /// As the photographs are, and mirrored.
    public let plain: LabelledPairs, mirrored: LabelledPairs
    /// The files of the photographs, which places of pairs count.
    public let files: [String]
    /// The digest of the detector that looked, as ``source(files:_:)`` gives it.
    public let detector: String

    /// Pairs of photographs.
    public init(
        plain: LabelledPairs, mirrored: LabelledPairs, files: [String], detector: String
    ) {
        (self.plain, self.mirrored) = (plain, mirrored)
        (self.files, self.detector) = (files, detector)
    }

    /// Of five photographs one is for measuring, known by its name whatever list it stands in.
    public static func isForMeasuring(_ file: String) -> Bool {
        let name = file.split(separator: "/").last ?? ""
        // FNV-1a.
        let hash = name.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return (hash >> 32) % 5 == 0
    }

    /// What to learn from: pairs of the other four, mirrored ones too, without the combinations of `unseen`.
    public func training(without unseen: Set<Triplet>) -> LabelledPairs {
        let some = [plain, mirrored].map { pairs in
            pairs.filtered {
                !Self.isForMeasuring(files[pairs.places[$0].picture])
                    && pairs.triplets(of: $0).isDisjoint(with: unseen)
            }
        }
        return some[0].appending(some[1])
    }

    /// What to measure on: pairs of the fifth, and all that show a combination of `unseen`.
    public func measuring(_ unseen: Set<Triplet>) -> LabelledPairs {
        plain.filtered {
            Self.isForMeasuring(files[plain.places[$0].picture])
                || !plain.triplets(of: $0).isDisjoint(with: unseen)
        }
    }

    // MARK: - Files

    private static let key = "percept.made_of", verbsKey = "percept.verbs"
    private static let regionsKey = "percept.regions", filesKey = "percept.files"
    private static let subjectKey = "percept.subject"

    /// What pairs were made of: a digest of files, and whatever else decides.
    ///
    /// - Throws: ``AnnotationError`` for a file that cannot be read.
    public static func source(
        files: [String], _ settings: String? = nil
    ) throws(AnnotationError) -> String {
        var words: [String] = []
        for file in files {
            let bytes = try AnnotationNode.bytes(of: file)
            words.append(bytes.withUnsafeBytes { SHA256(of: $0).hexadecimal })
        }
        return (words + [settings].compactMap { $0 }).joined(separator: " ")
    }

    /// Writes the pairs, all or nothing.
    ///
    /// - Parameter source: What they were made of, in a word.
    /// - Throws: `FileWriteError`.
    public func write(to path: String, madeOf source: String) throws(FileWriteError) {
        try Parameters(tensors(of: plain, "plain") + tensors(of: mirrored, "mirrored")).write(
            to: path,
            metadata: [
                Self.key: source, Self.verbsKey: plain.verbNames.joined(separator: "\n"),
                Self.regionsKey: plain.regions?.description ?? "",
                Self.filesKey: files.joined(separator: "\n"),
                BranchedModel.detectorKey: detector, Self.subjectKey: plain.subject.rawValue,
            ])
    }

    /// Reads pairs that were made of `source`; nil where the file's were made of anything else.
    ///
    /// - Throws: `SafetensorsError`.
    public init?(contentsOf path: String, madeOf source: String) throws(SafetensorsError) {
        let file = try Safetensors(contentsOf: path)
        guard file.metadata[Self.key] == source, let verbs = file.metadata[Self.verbsKey],
            let regions = file.metadata[Self.regionsKey].flatMap({ RegionShape($0) }),
            let files = file.metadata[Self.filesKey],
            let detector = file.metadata[BranchedModel.detectorKey],
            let subject = file.metadata[Self.subjectKey].flatMap(PredicateSubject.init(rawValue:)),
            subject == .pairs
                || verbs.split(separator: "\n").allSatisfy({ Triplet("\($0)") != nil })
        else { return nil }
        let empty = LabelledPairs(
            verbNames: verbs.split(separator: "\n").map(String.init), regions: regions,
            subject: subject)
        let names = files.split(separator: "\n").map(String.init)
        guard let plain = try Self.pairs("plain", of: file, behind: empty, names.count),
            let mirrored = try Self.pairs("mirrored", of: file, behind: empty, names.count)
        else { return nil }
        (self.plain, self.mirrored) = (plain, mirrored)
        (self.detector, self.files) = (detector, names)
    }

    /// Rows of six numbers say where a pair is and what happens: picture, human, object, kind, verb (-1 where nothing
    /// does), and whether it is the first verb of its pair.
    private func tensors(
        of pairs: LabelledPairs, _ name: String
    ) -> [(path: String, tensor: Tensor<Float>)] {
        var rows: [Float] = []
        for index in 0..<pairs.count {
            let place = pairs.places[index]
            let verbs = pairs.verbs[index]
            for (order, verb) in (verbs.isEmpty ? [-1] : verbs).enumerated() {
                rows += [
                    place.picture, place.pair.human, place.pair.object, pairs.objects[index], verb,
                    order == 0 ? 1 : 0,
                ].map { Float($0) }
            }
        }
        var tensors: [(path: String, tensor: Tensor<Float>)] = [
            ("\(name).features", Tensor(pairs.features, shape: [pairs.count, pairs.featureCount])),
            ("\(name).labels", Tensor(rows, shape: [rows.count / 6, 6])),
        ]
        if !pairs.things.isEmpty {
            tensors.append(
                ("\(name).things", Tensor(pairs.things, shape: [pairs.count, NearThings.count])))
        }
        return tensors
    }

    private static func pairs(
        _ name: String, of file: Safetensors, behind empty: LabelledPairs, _ pictureCount: Int
    ) throws(SafetensorsError) -> LabelledPairs? {
        let labels = try file.tensor("\(name).labels"),
            features = try file.tensor("\(name).features")
        guard labels.shape.rank == 2, labels.shape[1] == 6 else { return nil }
        let rows = stride(from: 0, to: labels.count, by: 6).map { start in
            labels.elements[start..<start + 6].map { Int($0) }
        }
        let limits = [
            0..<pictureCount, 0..<Int.max, 0..<Int.max, 0..<COCO.categories.count,
            -1..<empty.verbNames.count, 0..<2,
        ]
        guard rows.first?[5] ?? 1 == 1,
            rows.allSatisfy({ row in
                row[1] != row[2] && zip(row, limits).allSatisfy { $1.contains($0) }
            })
        else { return nil }
        let count = rows.count { $0[5] == 1 }
        let expected: Shape = [count, empty.featureCount]
        guard features.shape == expected else {
            throw file.error(
                .wrongShape(
                    tensor: "\(name).features", expected: expected.dimensions,
                    found: features.shape.dimensions))
        }
        var things: [Float] = []
        if file.entries.contains(where: { $0.name == "\(name).things" }) {
            let tensor = try file.tensor("\(name).things")
            let expected: Shape = [count, NearThings.count]
            guard tensor.shape == expected else {
                throw file.error(
                    .wrongShape(
                        tensor: "\(name).things", expected: expected.dimensions,
                        found: tensor.shape.dimensions))
            }
            things = tensor.elements
        }
        var pairs = empty
        pairs.append(rows: rows, features: features.elements, things: things)
        return pairs
    }
}
