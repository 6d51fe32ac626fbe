// Pictures and their captions in one memory: either finds the other.
import Memory
import Tensors

/// Associates pictures with embeddings of captions, both ways, beside retrieval and networks of one way.
public struct MemoryHetero: Experiment {
    public let name = "memory-hetero"
    public let claim =
        "one generative network that stores pictures beside embeddings of their captions finds either from the other"
    public let source = "Salvatori et al. (arXiv:2109.08063), hetero-associative memories"

    /// The experiment.
    public init() {}

    /// A picture is exactly found where its mean squared error is below that.
    static let bound = 0.005
    /// Deviation of noise on a caption's embedding, in parts of the embeddings' own.
    static let noise = 0.3
    static let columns = [
        "caption by picture", "by its upper half", "picture by caption", "by a noisy caption",
        "picture by caption, exactly",
    ]

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        for setup in try MemorySetup.all(setting) {
            var table = ResultTable(
                "part of \(setup.title) and their captions that is found",
                columns: ["memory"] + Self.columns)
            let rows = try SeededRows(setting) { try answers(setup, seed: $0, setting) }
            table.rows += rows.cells
            result.tables.append(table)
            let own = Self.columns.indices.map { rows[0, $0].mean }
            result.findings += [
                ResultFinding(
                    "\(setup.title): every caption by its picture, every picture by its caption (0.98 at least)",
                    found: "\(own[0].fixed(2)), \(own[2].fixed(2))",
                    holds: own[0] >= 0.98 && own[2] >= 0.98),
                ResultFinding(
                    "\(setup.title): a caption by the upper half of its picture (0.9 at least)",
                    found: own[1].fixed(2), holds: own[1] >= 0.9),
            ]
        }
        result.notes = [
            "captions are sentences of five words, \(Captions.width) numbers each: the sum of vectors of the words,"
                + " drawn once, to variance 1; found is what no other that is stored is nearer to",
            "the paper gives no figures for this; networks trained by backpropagation serve one way each, and"
                + " cannot be told what of a picture is missing",
        ]
        return result
    }

    private func answers(
        _ setup: MemorySetup, seed: Int, _ setting: ExperimentSetting
    ) throws -> [(name: String, parts: [Double])] {
        let pictures = setup.pictures(seed: seed)
        let (count, width) = (pictures.shape[0], pictures.shape[1])
        var random = RandomSource(seed: UInt64(seed) ^ 0x6361_7074)
        let captions = Captions(count, using: &random).embeddings
        let (halves, known) = setup.damaged(pictures, by: .lowerPart(0.5), seed: seed)
        let spread = Spread(captions.elements.map(Double.init)).deviation
        let noisy = Tensor(
            captions.elements.map { $0 + Float(Self.noise * spread * random.normal()) },
            shape: captions.shape)
        let memory = try setup.stored(
            pictures.joined(with: captions), seed: seed, setting)
        // A mask for each row, or one for all.
        let upper = known.joined(
            with: Tensor(repeating: 0, shape: [known.shape[0], Captions.width]))
        let captionColumns = Array(width..<width + Captions.width)
        let blank = Tensor<Float>(repeating: 0, shape: captions.shape)
        // A caption is little beside a picture: activities take long to follow it.
        let options = PredictiveCodingMemory.Options(steps: 1000)
        let shown = try memory.associate(
            captions, at: width..<width + Captions.width, options)
        var rows = [
            (
                name: "predictive coding",
                parts: [
                    told(try memory.associate(pictures, at: 0..<width), captions),
                    told(
                        try memory.complete(halves.joined(with: blank), knowing: upper)
                            .gathered(columns: captionColumns), captions),
                    told(shown, pictures),
                    told(
                        try memory.associate(noisy, at: width..<width + Captions.width, options),
                        pictures),
                    found(shown, pictures),
                ]
            )
        ]
        for (name, similarity, separation) in [
            ("retrieval, Euclidean, max", Similarity.euclidean, Separation.maximum),
            ("retrieval, Manhattan, max", .manhattan, .maximum),
            ("retrieval, dot product, softmax 1", .dotProduct, .softmax(1)),
        ] {
            func memory(_ keys: Tensor<Float>, _ values: Tensor<Float>) throws -> AssociativeMemory
            {
                try AssociativeMemory(
                    keys, values: values, similarity: similarity, separation: separation,
                    threads: setting.threads)
            }
            let (naming, showing) = (
                try memory(pictures, captions), try memory(captions, pictures)
            )
            let shown = try showing.retrieve(captions)
            rows.append(
                (
                    name,
                    [
                        told(try naming.retrieve(pictures), captions),
                        told(try naming.retrieve(halves, knowing: known), captions),
                        told(shown, pictures), told(try showing.retrieve(noisy), pictures),
                        found(shown, pictures),
                    ]
                ))
        }
        setting.observe("\(setup.title), seed \(seed): networks of one way")
        func network(_ from: Tensor<Float>, _ to: Tensor<Float>) throws -> BackpropagatedNet {
            var net = BackpropagatedNet(
                [from.shape[1], setup.hidden, to.shape[1]], .squares, threads: setting.threads,
                using: &random)
            for (share, rate) in [(0.6, 1e-3), (0.25, 3e-4), (0.15, 1e-4)] {
                try net.train(
                    from, to: to, epochs: max(1, Int(share * Double(setup.epochs))), batch: count,
                    rate: rate, using: &random)
            }
            return net
        }
        let (naming, showing) = (try network(pictures, captions), try network(captions, pictures))
        let drawn = try showing(captions)
        rows.append(
            (
                "networks by backpropagation, one each way",
                [
                    told(try naming(pictures), captions), told(try naming(halves), captions),
                    told(drawn, pictures), told(try showing(noisy), pictures),
                    found(drawn, pictures),
                ]
            ))
        return rows
    }

    /// The part of answers that are nearer to what they should be than to anything else that is stored.
    private func told(_ answers: Tensor<Float>, _ stored: Tensor<Float>) -> Double {
        let count = stored.shape[0]
        let right = (0..<count).count { row in
            let answer = answers.gathered(rows: [Int](repeating: row, count: count))
            let errors = answer.meanSquaredErrors(to: stored)
            return errors[row] < errors.indices.filter { $0 != row }.map { errors[$0] }.min()
                ?? .infinity
        }
        return Double(right) / Double(count)
    }

    private func found(_ answers: Tensor<Float>, _ pictures: Tensor<Float>) -> Double {
        answers.meanSquaredErrors(to: pictures).part(below: Self.bound)
    }
}

/// Sentences of five words, no two alike, as numbers.
struct Captions {
    /// Numbers of an embedding, as in the paper.
    static let width = 25
    /// The sentences.
    let sentences: [[String]]
    /// `[count, width]`.
    let embeddings: Tensor<Float>

    private static let words: [[String]] = [
        ["a", "the", "one", "another"],
        ["small", "large", "bright", "dark", "old", "new", "quiet", "strange"],
        ["red", "green", "blue", "yellow", "grey", "white", "brown", "purple"],
        ["house", "boat", "tree", "bird", "road", "field", "table", "river", "stone", "cloud"],
        ["at dawn", "at noon", "at night", "in spring", "in winter", "by the sea", "far away"],
    ]

    /// So many sentences, drawn; no more than there are.
    init(_ count: Int, using random: inout RandomSource) {
        // Vectors of words are the same for all who speak the language.
        var dictionary = RandomSource(seed: 25)
        let vectors = Self.words.map { choices in
            choices.map { _ in (0..<Self.width).map { _ in dictionary.normal() } }
        }
        var sentences: [[String]] = []
        var seen: Set<[Int]> = []
        var numbers: [Float] = []
        precondition(
            count <= Self.words.reduce(1) { $0 * $1.count }, "\(count) sentences of these words")
        while sentences.count < count {
            let choice = Self.words.map { random.index(below: $0.count) }
            guard seen.insert(choice).inserted else { continue }
            sentences.append(zip(Self.words, choice).map { $0[$1] })
            for index in 0..<Self.width {
                let sum = zip(vectors, choice).reduce(0) { $0 + $1.0[$1.1][index] }
                numbers.append(Float(sum / Double(Self.words.count).squareRoot()))
            }
        }
        self.sentences = sentences
        embeddings = Tensor(numbers, shape: [count, Self.width])
    }
}

extension Tensor where Scalar == Float {
    /// Rows side by side with those of another matrix.
    func joined(with other: Tensor) -> Tensor {
        precondition(shape[0] == other.shape[0], "\(shape) beside \(other.shape)")
        let (left, right) = (shape[1], other.shape[1])
        return Tensor(shape: [shape[0], left + right]) { to in
            withUnsafeBufferPointer { own in
                other.withUnsafeBufferPointer { other in
                    for row in 0..<shape[0] {
                        for column in 0..<left {
                            to[row * (left + right) + column] = own[row * left + column]
                        }
                        for column in 0..<right {
                            to[row * (left + right) + left + column] = other[row * right + column]
                        }
                    }
                }
            }
        }
    }
}
