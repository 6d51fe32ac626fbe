// A phase that plans compute: what stays as it is first, then the runs, on values that stand in the plan.
import Compute
import Graphs
import Networks
import Tensors

/// A phase compiled: one plan for what no run changes, one for the runs.
final class PlannedPhase: PhaseMachine {
    /// The plan of what is computed once, if anything is, and that of the runs.
    let opening: Plan?, plan: Plan
    let results: [String]
    private let parameters: () -> Parameters
    private let openingInputs: Set<String>, stays: [String], singles: [String]
    private var isOpeningDue = true

    /// Compiles a phase.
    ///
    /// - Parameters:
    ///   - shapes: Of all inputs and parameters by name.
    ///   - formats: How values stand that phases hand on, by the name of the input that takes them; what this phase hands
    ///     on is added.
    ///   - parameters: What the parameters are when a step begins.
    /// - Throws: `ShapeError`, `PlanError`.
    init(
        _ phase: Phase, shapes: [String: Shape], options: PlanOptions,
        formats: inout [String: BorderFormat], parameters: @escaping () -> Parameters
    ) throws {
        for (name, beginning) in phase.beginnings {
            switch beginning {
            case .zeros(let other), .noise(let other): formats[name] = formats[other]
            case .number: break
            }
        }
        var (options, shapes) = (options, shapes)
        options.formats.merge(formats) { $1 }
        var graph = phase.graph
        let cut =
            phase.repetitions > 1 ? PhaseCut(graph, carried: Set(phase.carried.values)) : nil
        if let cut {
            let names = cut.opening.outputs.map(\.name)
            var once = options
            for name in names { once.formats[name] = .unmoved }
            let plan = try Plan(cut.opening, shapes: shapes, options: once)
            let found = try cut.opening.shapes { shapes[$0] }
            for (name, node) in cut.opening.outputs {
                shapes[name] = found[node]
                options.formats[name] = plan.format(of: .output(name))
            }
            opening = plan
            graph = cut.repeated
        } else {
            opening = nil
        }
        // A value that is read where it is written is written as it is read.
        for input in phase.carried.values where graph.inputs[input] != nil {
            options.formats[input] = options.formats[input] ?? .plainFloat
        }
        for (output, input) in phase.carried {
            options.formats[output] = options.formats[input] ?? .unmoved
        }
        options.carried = phase.carried
        options.isRepeated = phase.repetitions > 1
        plan = try Plan(graph, shapes: shapes, options: options)
        for (output, input) in phase.carried where formats[input] == nil {
            formats[input] = plan.format(of: .output(output))
        }
        self.parameters = parameters
        openingInputs = Set(cut?.opening.inputs.keys.map { $0 } ?? [])
        stays = cut?.opening.outputs.map(\.name) ?? []
        results = phase.results
        let plan = plan
        singles = graph.outputs.map(\.name).filter { plan.shape(of: .output($0)).count == 1 }
    }

    func begin() {
        let values = parameters().values
        opening?.setParameters(values)
        plan.setParameters(values)
        isOpeningDue = true
    }

    func take(_ name: String, _ value: HeldValue<Float>) {
        if let opening, openingInputs.contains(name) {
            Self.hand(value, to: name, of: opening)
            isOpeningDue = true
        }
        if plan.has(.input(name)) { Self.hand(value, to: name, of: plan) }
    }

    private static func hand(_ value: HeldValue<Float>, to name: String, of plan: Plan) {
        if case .held(let machine, let slot) = value, let other = machine as? PlannedPhase {
            plan.setInput(name, slot.border, of: other.plan)
        } else {
            plan.setInput(name, value.tensor)
        }
    }

    func run() throws {
        if isOpeningDue, let opening {
            try opening.run()
            for name in stays {
                plan.setInput(name, .output(name), of: opening)
            }
        }
        isOpeningDue = false
        try plan.run()
    }

    func carry() throws { try plan.carry() }

    var figures: [String: Double] {
        singles.reduce(into: [:]) { $0[$1] = Double(plan.result($1).item) }
    }

    func tensor(_ slot: PhaseSlot) -> Tensor<Float> { plan.tensor(slot.border) }
    func shape(_ slot: PhaseSlot) -> Shape { plan.shape(of: slot.border) }
}

extension PhaseSlot {
    fileprivate var border: Plan.BorderValue {
        switch self {
        case .input(let name): .input(name)
        case .output(let name): .output(name)
        case .earlier(let name): .earlier(name)
        }
    }
}
