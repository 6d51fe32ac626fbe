// Which pictures a generative memory stores, how large it is, and for how long it learns.
import Memory
import Networks
import Tensors

/// Pictures to be stored, and the size of what stores them.
struct MemorySetup {
    let set: LabelledPictures
    /// Pictures that are stored, and units of a hidden layer.
    let count: Int, hidden: Int
    let epochs: Int

    /// Units of the memory layer.
    static let memoryUnits = 64

    /// Small textures from a fresh clone; photographs where --data has them; as many as in the paper with --full, unless
    /// somebody says how many.
    static func all(_ setting: ExperimentSetting) throws -> [MemorySetup] {
        let wanted = setting.pictures
        let photographs = try setting.photographSets()
        guard !photographs.isEmpty else {
            let set = Textures().pictures(max(50, wanted ?? 0), seed: 1)
            return [MemorySetup(set: set, count: wanted ?? 25, hidden: 256, epochs: 2000)]
        }
        return photographs.flatMap { set in
            // A picture of Tiny ImageNet has four times the numbers of one of CIFAR-10.
            let isLarge = set.pixelCount > 4000
            guard setting.isFull else {
                return [
                    MemorySetup(
                        set: set, count: min(wanted ?? 50, set.count), hidden: isLarge ? 256 : 512,
                        epochs: isLarge ? 1000 : 2000)
                ]
            }
            let counts = wanted.map { [min($0, set.count)] } ?? [50, 100, 250, 500]
            return counts.filter { $0 <= set.count }.map {
                MemorySetup(set: set, count: $0, hidden: 1024, epochs: 4000)
            }
        }
    }

    /// What is stored, as a title has it.
    var title: String { "\(count) pictures of \(set.origin)" }

    /// The pictures that a seed stores.
    func pictures(seed: Int) -> Tensor<Float> { set.drawn(count, seed: seed) }

    /// Stored pictures with a part missing, the same for all memories, and what is known of them.
    func damaged(
        _ pictures: Tensor<Float>, by damage: PictureDamage, seed: Int
    ) -> (pictures: Tensor<Float>, known: Tensor<Float>) {
        var random = RandomSource(seed: UInt64(seed) ^ 0x6b6e_6f77_6e00)
        let damaged = damage.applied(
            to: pictures, height: set.height, channels: set.channels, using: &random)
        guard let known = damaged.known else { preconditionFailure("noise has no mask") }
        return (damaged.pictures, known)
    }

    /// A network with so many hidden layers that has stored the pictures, or the given rows.
    func stored(
        _ rows: Tensor<Float>? = nil, seed: Int, layers: Int = 1, _ setting: ExperimentSetting
    ) throws -> PredictiveCodingMemory {
        let rows = rows ?? pictures(seed: seed)
        var random = RandomSource(seed: UInt64(seed))
        let hidden = [Int](repeating: self.hidden, count: layers)
        var memory = PredictiveCodingMemory(
            GenerativeNetwork([Self.memoryUnits] + hidden + [rows.shape[1]]), using: &random)
        memory.threads = setting.threads
        // Errors take a step of inference for each layer that they pass, and several to settle there.
        let training = MemoryTraining(
            epochs: layers > 1 ? epochs / 2 : epochs, steps: 10 * layers)
        try memory.store(rows, training) { epoch in
            guard epoch.number % 50 == 0 else { return }
            setting.observe(
                "\(title), seed \(seed), \(layers + 1) layers: \(epoch.number) of \(training.epochs) epochs, energy \(epoch.energy.significant(3))"
            )
        }
        return memory
    }
}
