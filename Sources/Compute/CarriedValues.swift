// Values that one run hands to the next: they change places instead of being copied, where they can.
import COneDNN
import Graphs
import Tensors

/// An output that becomes an input of the next run, and what the input held before.
struct CarriedValue {
    let output: Region, input: Region, earlier: Region
    let inputName: String
    /// Whether all three are of one kind and nothing else stands there, so that they can change places.
    let changesPlaces: Bool

    /// The values that a plan carries, with memory for what their inputs held before.
    static func all(
        _ carried: [String: String], _ lowering: Lowering, inputs: [String: Region],
        parameters: [String: Region], outputs: [(name: String, region: Region, shape: Shape)]
    ) -> [CarriedValue] {
        // Storages that hold more than what they are called by, or that no run writes anew.
        var holders: [ObjectIdentifier: Int] = [:]
        let regions =
            Array(inputs.values) + Array(parameters.values) + outputs.map(\.region)
            + lowering.constants.map(\.region) + lowering.parameterSteps.flatMap(\.writes)
        for region in regions { holders[ObjectIdentifier(region.storage), default: 0] += 1 }
        func isAlone(_ region: Region) -> Bool {
            holders[ObjectIdentifier(region.storage)] == 1 && region.byteOffset == 0
                && region.storage.byteCount == region.layout.byteCount
        }
        return carried.sorted { $0.key < $1.key }.compactMap { output, input in
            guard let target = inputs[input],
                let source = outputs.first(where: { $0.name == output })?.region
            else { return nil }
            precondition(
                source.layout.shape == target.layout.shape,
                "'\(output)' \(source.layout.shape) for '\(input)' \(target.layout.shape)")
            let earlier = lowering.allocate(target.layout, isPersistent: true)
            return CarriedValue(
                output: source, input: target, earlier: earlier, inputName: input,
                changesPlaces: source.layout == target.layout && isAlone(source)
                    && isAlone(target))
        }
    }
}

extension Plan {
    /// A value at the border of a plan.
    public enum BorderValue: Sendable, Hashable {
        /// An input, an output, what an input held before the last ``Plan/carry()``.
        case input(String), output(String), earlier(String)
    }

    private func region(_ value: BorderValue) -> Region? {
        switch value {
        case .input(let name): inputs[name]
        case .output(let name): outputs.first { $0.name == name }?.region
        case .earlier(let name): carriedValues.first { $0.inputName == name }?.earlier
        }
    }

    /// Whether there is such a value.
    public func has(_ value: BorderValue) -> Bool { region(value) != nil }

    private func known(_ value: BorderValue) -> Region {
        guard let region = region(value) else { preconditionFailure("no \(value)") }
        return region
    }

    /// A value as a tensor; its format must be one of Float.
    public func tensor(_ value: BorderValue) -> Tensor<Float> {
        let region = known(value)
        return read(region, shape: region.layout.shape)
    }

    /// The shape of a value.
    public func shape(of value: BorderValue) -> Shape { known(value).layout.shape }

    /// The format in which a value stands, one of Float.
    public func format(of value: BorderValue) -> BorderFormat {
        known(value).layout.isPlain ? .plainFloat : .blockedFloat
    }

    /// Writes an input with a value of this plan or of another.
    public func setInput(_ name: String, _ value: BorderValue, of other: Plan) {
        let (source, target) = (other.known(value), known(.input(name)))
        guard source.layout == target.layout else { return setInput(name, other.tensor(value)) }
        let (from, to) = (other.address(source), address(target))
        if from != to { to.copyMemory(from: from, byteCount: target.layout.byteCount) }
    }

    /// Makes the outputs that ``PlanOptions/carried`` names inputs of the next run. What the inputs held is kept; what the
    /// outputs hold is lost.
    ///
    /// - Throws: `PlanError`.
    public func carry() throws {
        // All copies before any change of places: outputs may stand where other inputs do.
        let copied = carriedValues.filter { !$0.changesPlaces }
        let values = copied.map { read($0.output, shape: $0.output.layout.shape) }
        for value in copied {
            address(value.earlier).copyMemory(
                from: address(value.input), byteCount: value.input.layout.byteCount)
        }
        for (value, tensor) in zip(copied, values) { setInput(value.inputName, tensor) }
        var moved: Set<ObjectIdentifier> = []
        for value in carriedValues where value.changesPlaces {
            let (output, input, earlier) = (
                value.output.storage, value.input.storage, value.earlier.storage
            )
            (earlier.offset, input.offset, output.offset) = (
                input.offset, output.offset, earlier.offset
            )
            moved.insert(ObjectIdentifier(input))
            moved.insert(ObjectIdentifier(output))
        }
        for step in steps
        where (step.reads + step.writes).contains(where: {
            moved.contains(ObjectIdentifier($0.storage))
        }) {
            try step.bind(memory: memory, scratch: scratch)
        }
    }

    // MARK: - Channel-blocked borders

    /// Calls `body` with the position of each element in row-major order and where it stands channel-blocked.
    private func forEachBlocked(_ shape: Shape, _ body: (_ plain: Int, _ blocked: Int) -> Void) {
        let block = Processor.channelBlock
        let area = shape[2] * shape[3]
        let blocks = (shape[1] + block - 1) / block
        for sample in 0..<shape[0] {
            for channel in 0..<shape[1] {
                let plain = (sample * shape[1] + channel) * area
                let first = (sample * blocks + channel / block) * area * block + channel % block
                for position in 0..<area { body(plain + position, first + position * block) }
            }
        }
    }

    func writeBlocked(_ values: Tensor<Float>, to region: Region) {
        let target = address(region).assumingMemoryBound(to: Float.self)
        values.withUnsafeBufferPointer { source in
            forEachBlocked(values.shape) { target[$1] = source[$0] }
        }
    }

    func readBlocked(_ region: Region, shape: Shape) -> Tensor<Float> {
        let source = address(region).assumingMemoryBound(to: Float.self)
        return Tensor(shape: shape) { target in
            forEachBlocked(shape) { target[$0] = source[$1] }
        }
    }
}
