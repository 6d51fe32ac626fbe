import Compute
import Learning
import Tensors
import Testing

@Suite("Networks that settle")
struct EquilibriumNetworkTests {
    @Test("A tolerance ends a phase early, at the same equilibrium")
    func tolerance() throws {
        let small = denseHopfield(seed: 1)
        let all = EquilibriumNetwork<_, Double>(
            small.network.model, Relaxation(rate: 1, freeSteps: 500, nudgedSteps: 500))
        all.setParameters(small.parameters)
        let (early, late) = try (
            small.network.freeEquilibrium(small.example), all.freeEquilibrium(small.example)
        )
        #expect(early.isSettled && early.steps < 400)
        #expect(!late.isSettled && late.steps == 500)
        for (name, value) in early.activities {
            for (a, b) in zip(value.elements, late.activities[name]!.elements) {
                #expect(abs(a - b) < 1e-13)
            }
        }
    }

    @Test("Examples of a batch settle as if each were alone")
    func batch() throws {
        let small = convolutionalHopfield(seed: 2)
        let both = try small.network.freeEquilibrium(small.example)
        let count = small.example.input.count / 2
        let first = EnergyExample(
            input: Tensor(
                Array(small.example.input.elements[..<count]), shape: [1, 2, 6, 5]),
            target: Tensor(Array(small.example.target.elements[..<3]), shape: [1, 3]))
        let alone = try small.network.freeEquilibrium(first)
        for (name, value) in alone.activities {
            for (a, b) in zip(value.elements, both.activities[name]!.elements) {
                #expect(abs(a - b) < 1e-12)
            }
        }
    }

    @Test("Plans settle and learn as the references do")
    func compiled() throws {
        var random = RandomSource(seed: 5)
        let model = HopfieldEnergy(widths: [20, 12, 5], squashing: HardSquashing())
        let schedule = Relaxation(rate: 1, freeSteps: 20, nudgedSteps: 8)
        let reference = EquilibriumNetwork<_, Float>(model, schedule)
        let compiled = EquilibriumNetwork<_, Float>(model, schedule) { CompiledGraph($0) }
        let parameters = Dictionary(
            uniqueKeysWithValues: model.declarations.map {
                ($0.path, $0.initialiser.tensor($0.shape, using: &random))
            })
        reference.setParameters(parameters)
        compiled.setParameters(parameters)
        for size in [4, 3] {
            let example = EnergyExample<Float>(
                input: .uniform([size, 20], in: 0..<1, using: &random),
                target: .uniform([size, 5], in: 0..<1, using: &random))
            let estimates = try [reference, compiled].map {
                try FreePhaseContrast(.symmetric, nudging: 0.5).estimate($0, example)
            }
            #expect(Set(estimates[1].gradients.keys) == Set(parameters.keys))
            for (path, gradient) in estimates[0].gradients {
                let largest = gradient.elements.reduce(0) { max($0, abs($1)) }
                #expect(largest > 1e-4)
                for (a, b) in zip(gradient.elements, estimates[1].gradients[path]!.elements) {
                    #expect(abs(a - b) <= 1e-4 * largest)
                }
            }
            let outcomes = try zip([reference, compiled], estimates).map {
                try $0.outcome(example, at: $1.free)
            }
            #expect(abs(outcomes[0].loss - outcomes[1].loss) < 1e-4 * outcomes[0].loss)
            #expect(outcomes[1].prediction.shape == [size, 5])
        }
    }

    @Test("What is not a number is named, not passed on")
    func notANumber() throws {
        let small = denseHopfield(seed: 1)
        var broken = small.parameters["1.bias"]!
        broken[2] = .nan
        small.network.setParameters(["1.bias": broken])
        #expect(
            throws: EquilibriumError.diverged(activity: "s2", step: 1, rate: 1, nudging: "0.0")
        ) {
            try small.network.freeEquilibrium(small.example)
        }
    }
}
